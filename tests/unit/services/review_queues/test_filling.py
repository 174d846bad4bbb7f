"""Rules find what they are about, once, and only what has ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from tests.support import factories
from tests.support import review_factories as made
from tests.support.use_cases import call
from vision_chat.models import (
    Assignment,
    Feedback,
    Generation,
    Message,
    Queue,
    Report,
    Review,
    ReviewItem,
    Rule,
)
from vision_chat.models.generation import Status
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.conversations.report import report as report_it
from vision_chat.services.review_queues import filling, items, resolutions, rules, verdicts
from vision_chat.services.reviews import consents

pytestmark = pytest.mark.each_database

Kind = Rule.Kind


def say(owner: User, text: str = "What is this?", answer: str = "A staircase.", **values: Any) -> Message:
    reply = factories.turn(factories.conversation(owner), text, answer, **values)
    factories.index(reply.conversation)
    return reply


def rule(queue: Queue, kind: Kind, value: str = "", **values: Any) -> Rule:
    since = timezone.now() - timedelta(hours=1)
    return queue.rules.create(kind=kind, value=value, **{"since": since, **values})


def found(queue: Queue) -> set[object]:
    return set(queue.items.values_list("conversation", flat=True))


def bad(owner: User) -> Message:
    reply = say(owner)
    Feedback.objects.create(person=owner, message=reply, mark=Feedback.Mark.BAD)
    return reply


def report(owner: User) -> Message:
    reply = say(owner)
    Report.objects.create(person=owner, conversation=reply.conversation, reason=Report.Reason.OTHER)
    return reply


def verdict_of(reviewer: User, queue: Queue, verdict: str = "good") -> Assignment:
    assignment = made.handed_out(reviewer, queue)
    verdicts.submit(assignment.pk, reviewer, assignment.token, verdict, {})
    return assignment


KINDS: dict[str, tuple[Kind, str, Callable[[User], Message]]] = {
    "all": (Kind.SHARE, "100", say),
    "bad": (Kind.BAD_ANSWER, "", bad),
    "report": (Kind.REPORT, "", report),
    "failed": (Kind.FAILED, "", lambda ann: say(ann, answer="A stair", status=Status.FAILED)),
    "empty": (Kind.FAILED, "", lambda ann: say(ann, answer="")),
    "words": (Kind.WORDS, "roman  STEPS", lambda ann: say(ann, answer="These are steps, Roman ones.")),
    "words of a question": (Kind.WORDS, "forum", lambda ann: say(ann, "Is this the Forum?")),
    "pattern": (Kind.PATTERN, r"\b\d{3}-\d{4}\b", lambda ann: say(ann, answer="Call 555-1234.")),
    "cost": (Kind.COST, "0.50", lambda ann: say(ann, usd_spent=Decimal("0.51"))),
    "model": (Kind.LANGUAGE_MODEL, "big/model", lambda ann: say(ann, model_name="big/model")),
}


@pytest.mark.parametrize("unit", Queue.Unit.values)
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_finds_its_own_once(ann: User, name: str, unit: str) -> None:
    kind, value, make = KINDS[name]
    queue = made.queue(unit=unit)
    other = say(ann, "Is it?", "Yes.", usd_spent=Decimal("0.49"))
    wanted = make(ann)
    mine = rule(queue, kind, value)
    assert not rules.problem_of(kind, value)
    expected = {wanted.conversation_id} | ({other.conversation_id} if name == "all" else set())
    assert filling.count(mine, unit) == len(expected)

    assert filling.fill_all() == len(expected)
    assert found(queue) == expected
    item = queue.items.get(conversation=wanted.conversation)
    assert (item.through_message_id, item.rule) == (wanted.pk, mine)
    assert item.message_id == (wanted.pk if unit == Queue.Unit.ANSWER else None)

    rule(queue, kind, value)
    assert (filling.fill_all(), filling.count(mine, unit)) == (0, 0)
    assert not filling.fill_step()


def test_a_share_stays_the_same_and_is_part_of_a_larger_one(ann: User) -> None:
    queue = made.queue()
    for _ in range(60):
        say(ann)
    share = rule(queue, Kind.SHARE, "30")
    filling.fill(queue)
    before = found(queue)
    assert 2 < len(before) < 45
    share.looked_for = ""
    share.save()
    assert filling.fill(queue) == 0
    share.value = "60"
    share.save()
    filling.fill(queue)
    assert before < found(queue)
    assert len(found(queue)) < 60


def test_who_asks_waits_for_some_batches_and_the_rest_is_left_to_the_server(ann: User) -> None:
    factories.long_conversation(ann, 2 * filling.BATCH + 20)
    queue = made.queue(unit=Queue.Unit.ANSWER)
    rule(queue, Kind.SHARE, "100", since=timezone.now() - timedelta(days=3650))
    rule(queue, Kind.FAILED)

    assert filling.fill_some(queue, 1) == (filling.BATCH, True)
    assert filling.fill_some(queue, 1) == (10, True)
    assert filling.fill_some(queue) == (0, False)


def test_later_messages_go_into_an_item_that_nobody_has_had_else_make_a_new_one(ann: User) -> None:
    queue = made.queue()
    rule(queue, Kind.WORDS, "stairs")
    first = say(ann, answer="Stairs.")
    filling.fill(queue)
    second = factories.turn(first.conversation, answer="More stairs.")
    factories.index(first.conversation)
    assert filling.fill(queue) == 0
    assert queue.items.get().through_message_id == second.pk
    made.handed_out(made.reviewer("rita"), queue)
    factories.turn(first.conversation, answer="A door.")
    factories.index(first.conversation)
    assert filling.fill(queue) == 0
    fourth = factories.turn(first.conversation, answer="Stairs again.")
    factories.index(first.conversation)
    assert filling.fill(queue) == 1
    assert sorted(queue.items.values_list("through_message_id", flat=True)) == [second.pk, fourth.pk]


@pytest.mark.parametrize("unit", Queue.Unit.values)
@pytest.mark.parametrize("way", ["done", "resolved", "closed", "assigned", "changed", "restored", "unsealed"])
def test_a_report_of_what_was_done_with_lets_one_more_reviewer_look_once(
    ann: User, unit: str, way: str, settings: Any
) -> None:
    queue = made.queue(unit=unit, reviewers_per_item=2 if way == "resolved" else 1)
    rule(queue, Kind.REPORT)
    rita, max_ = made.reviewer("rita"), made.reviewer("max")
    item = made.item(queue, ann)
    if way == "closed":
        items.close(item)
    else:
        if way == "assigned":
            items.assign(item, rita)
        verdict_of(rita, queue)
    if way == "resolved":
        verdict_of(made.reviewer("sam"), queue, "harmful")
        resolutions.resolve(item.pk, rita, "flawed", "")
    assert item.conversation
    if way == "unsealed":
        settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
        consents.give(ann, item.conversation.pk)
        consents.take_back(ann, item.conversation.pk)
    call(ann, report_it, item.conversation.pk, "broken", "")
    reported = Report.objects.get()
    if way == "changed":
        verdicts.change(Review.objects.get().pk, rita, "flawed", {})
    if way == "restored":
        call(ann, delete, item.conversation.pk)
        call(ann, restore, item.conversation.pk)

    assert filling.fill(queue) == 0
    assert verdict_of(max_, queue).item == item
    item.refresh_from_db()
    ended = item.state
    assert ended in {"done", "disputed"}
    assert filling.fill(queue) == 0
    item.refresh_from_db()
    assert item.state == ended
    reported.delete()
    Report.objects.create(person=ann, conversation=item.conversation, reason=Report.Reason.OTHER)
    filling.fill(queue)
    item.refresh_from_db()
    others = 1 if ended == "done" else 0  # a lead is to look at it anyway
    assert item.reviewers_wanted == item.assignments.filter(state="done").count() + others


def test_marks_that_were_looked_at_are_not_looked_at_again_and_again(ann: User) -> None:
    queue = made.queue()
    mine = rule(queue, Kind.BAD_ANSWER)
    bad(ann)
    running = bad(ann)
    Generation.objects.filter(message=running).update(status=Status.RUNNING)
    Feedback.objects.update(changed_at=timezone.now() - timedelta(minutes=30))
    assert filling.fill(queue) == 1
    Generation.objects.update(status=Status.STOPPED)
    assert filling.fill(queue) == 1  # what had to wait was not forgotten
    queue.items.all().delete()
    bad(ann)
    assert filling.fill(queue) == 1
    mine.refresh_from_db()
    mine.since -= timedelta(hours=1)
    mine.save()
    assert filling.fill(queue) == 2  # a rule that was changed begins anew


@pytest.mark.parametrize("unit", Queue.Unit.values)
def test_nothing_is_taken_while_its_reply_runs_and_all_when_it_has_ended(ann: User, unit: str) -> None:
    queue = made.queue(unit=unit)
    rule(queue, Kind.WORDS, "stairs")
    say(ann, answer="Stairs.")
    running = say(ann, answer="Stairs, as it", status=Status.RUNNING)
    regenerated = say(ann, answer="Stairs.")
    question = regenerated.parent
    assert question is not None
    again = factories.reply(question, "Perhaps", status=Status.RUNNING)
    say(ann, answer="Stairs.")
    assert filling.fill(queue) == 2
    Generation.objects.filter(message__in=[running, again]).update(status=Status.STOPPED)
    assert filling.fill(queue) == 2
    assert running.conversation_id in found(queue)
    assert filling.add(queue, say(ann, status=Status.RUNNING).conversation) is None


def test_only_what_is_there_and_was_after_the_beginning(ann: User) -> None:
    queue = made.queue()
    rule(queue, Kind.SHARE, "100", since=timezone.now() + timedelta(hours=1))
    rule(queue, Kind.FAILED, is_enabled=False)
    rule(queue, Kind.PATTERN, "(")
    say(ann, answer="")
    assert filling.fill_all() == 0
    queue.rules.update(since=timezone.now() - timedelta(hours=1))
    deleted = say(ann)
    deleted.conversation.deleted_at = timezone.now()
    deleted.conversation.save()
    out = StringIO()
    call_command("fill_review_queues", stdout=out)
    assert "New items: 1" in out.getvalue()
    Queue.objects.update(is_open=False)
    say(ann)
    assert filling.fill_all() == filling.fill(Queue.objects.get()) == filling.fill_step() == 0


def test_many_turns_are_looked_at_in_batches(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "BATCH", 3)
    queue = made.queue()
    rule(queue, Kind.SHARE, "100")
    replies = [bad(ann) for _ in range(8)]
    steps = 0
    while filling.fill_step():
        steps += 1
    assert steps == 3
    marks = made.queue("Marks")
    rule(marks, Kind.BAD_ANSWER)
    assert filling.fill(marks) == len(replies) == queue.items.count()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((Kind.SHARE, value) for value in ("", "0", "101", "some", "NaN")),
        *((Kind.COST, value) for value in ("", "much", "-1", "inf")),
        *((Kind.PATTERN, value) for value in ("", "(", "(?=x)", "(a{1000}){1000}")),
        (Kind.WORDS, " ... "),
        (Kind.LANGUAGE_MODEL, " "),
    ],
)
def test_a_rule_that_cannot_be_used_says_so_and_finds_nothing(ann: User, kind: Kind, value: str) -> None:
    assert rules.problem_of(kind, value).endswith(".")
    queue = made.queue()
    say(ann)
    assert filling.count(rule(queue, kind, value), queue.unit) == filling.fill(queue) == 0


def test_an_item_keeps_its_number_of_reviewers(ann: User) -> None:
    queue = made.queue(reviewers_per_item=3, shared_percent=50)
    items = made.items(queue, ann, 20)
    wanted = [item.reviewers_wanted for item in items]
    assert set(wanted) == {1, 3}
    rita = made.reviewer("rita")
    for _ in items:
        assignment = made.handed_out(rita, queue)
        assignment.state = "done"
        assignment.save()
    assert list(ReviewItem.objects.order_by("pk").values_list("reviewers_wanted", flat=True)) == wanted
