"""A rule about moderation finds what is unsafe by known verdicts, and waits for the others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories, review_factories
from vision_chat.models import Generation, Message, ModerationVerdict, Queue, Rule
from vision_chat.models.generation import Status
from vision_chat.models.moderation import joined_codes
from vision_chat.services.review_queues import filling, moderated

pytestmark = pytest.mark.django_db

GUARD = "guard/vision"


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def queue(db: None) -> Queue:
    return review_factories.queue(unit="answer")


def rule(queue: Queue, **values: Any) -> Rule:
    since = timezone.now() - timedelta(hours=1)
    return queue.rules.create(kind=Rule.Kind.MODERATION, value=GUARD, since=since, **values)


def turn(owner: User, **values: Any) -> Message:
    return factories.turn(factories.conversation(owner), **values)


def judge(reply: Message, outcome: str, *codes: str, **values: Any) -> None:
    ModerationVerdict.objects.create(
        generation=reply.generations.get(),
        outcome=outcome,
        categories=joined_codes(codes),
        **{"model_name": GUARD, **values},
    )


def found(queue: Queue) -> list[Any]:
    return list(queue.items.order_by("message").values_list("message", flat=True))


def test_only_what_is_unsafe_is_found_once(queue: Queue, owner: User) -> None:
    mine = rule(queue)
    unsafe, safe, none, other = (turn(owner) for _ in range(4))
    for reply, outcome in ((unsafe, "unsafe"), (safe, "safe"), (none, "none")):
        judge(reply, outcome)
    judge(other, "unsafe", model_name="another/model")
    judge(other, "safe")

    assert filling.count(mine, "answer") == 1
    assert (filling.fill(queue), filling.fill(queue)) == (1, 0)
    assert found(queue) == [unsafe.pk]
    assert moderated.count_known(mine) == 4


def test_a_turn_without_a_verdict_is_waited_for_and_keeps_no_other_out(queue: Queue, owner: User) -> None:
    mine = rule(queue)
    waiting, unsafe = turn(owner), turn(owner)
    judge(unsafe, "unsafe")

    assert filling.fill(queue) == 1
    mine.refresh_from_db()
    assert mine.looked_through < waiting.generations.get().pk
    judge(waiting, "unsafe")
    assert filling.fill(queue) == 1
    assert found(queue) == [waiting.pk, unsafe.pk]
    mine.refresh_from_db()
    assert mine.looked_through == Generation.objects.latest("pk").pk


def test_only_categories_that_are_wanted_count_and_s1_is_not_s12(queue: Queue, owner: User) -> None:
    rule(queue, hazard_categories=joined_codes(["S1", "S9"]))
    sexual, violent, unnamed, both = (turn(owner) for _ in range(4))
    judge(sexual, "unsafe", "S12")
    judge(violent, "unsafe", "S1")
    judge(unnamed, "unsafe")
    judge(both, "unsafe", "S9", "S12")

    filling.fill(queue)
    assert found(queue) == [violent.pk, both.pk]


def test_a_share_asks_about_the_same_turns_for_all_rules_and_waits_for_no_others(
    queue: Queue, owner: User
) -> None:
    turns = [turn(owner) for _ in range(40)]
    few, more = (rule(queue, moderated_percent=Decimal(percent)) for percent in ("20", "50"))

    asked_few, asked_more = (
        set(moderated.outstanding(each, Generation.objects.all())) for each in (few, more)
    )
    assert asked_few < asked_more < {reply.generations.get().pk for reply in turns}
    for reply in turns:
        if reply.generations.get().pk in asked_more:
            judge(reply, "safe")
    filling.fill(queue)
    few.refresh_from_db()
    assert few.looked_through == Generation.objects.latest("pk").pk


def test_nothing_is_asked_about_that_is_running_deleted_superseded_or_of_a_closed_account(
    queue: Queue, owner: User
) -> None:
    mine = rule(queue)
    running, deleted, continued, closed = (turn(owner) for _ in range(4))
    running.generations.update(status=Status.RUNNING)
    Message.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    later = factories.add_generation(continued, status=Status.COMPLETED)
    leaving = User.objects.create_user("leaving", is_active=False)
    type(closed.conversation).objects.filter(pk=closed.conversation_id).update(owner=leaving)

    assert moderated.outstanding(mine, Generation.objects.all()) == [later.pk]


def test_a_rule_that_is_changed_looks_at_what_is_known_again(queue: Queue, owner: User) -> None:
    mine = rule(queue, hazard_categories=joined_codes(["S1"]))
    hateful = turn(owner)
    judge(hateful, "unsafe", "S10")

    assert filling.fill(queue) == 0
    mine.hazard_categories = joined_codes(["S10"])
    mine.save()
    assert filling.fill(queue) == 1
    assert str(mine) == "called unsafe by the model “guard/vision”"
