"""Many items at once: never more than may be held, each by its own rules, and none is lost."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories
from tests.support.people import consented
from vision_chat.models import Assignment, AuditEntry, Queue, Review, ReviewItem
from vision_chat.services.review_queues import drafts, items, many
from vision_chat.services.review_queues.in_hand import closed_in_hand
from vision_chat.services.review_queues.many import Submitted
from vision_chat.services.reviews import consents

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def rita() -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def queue() -> Queue:
    return review_factories.queue()


@pytest.fixture
def held(rita: User, queue: Queue, owner: User) -> list[Assignment]:
    review_factories.many_items(queue, owner, 3)
    many.hand_out(rita, queue)
    return list(many.in_hand(rita, queue))


def with_verdict(assignment: Assignment, verdict: str = "") -> Submitted:
    return Submitted(assignment.pk, assignment.token, verdict)


def states(reviewer: User) -> list[str]:
    return list(Assignment.objects.filter(reviewer=reviewer).order_by("pk").values_list("state", flat=True))


def test_it_hands_out_as_many_as_one_may_hold_and_no_more(rita: User, queue: Queue, owner: User) -> None:
    review_factories.many_items(queue, owner, many.MOST + 2)
    first = review_factories.handed_out(rita, queue)

    assert many.hand_out(rita, queue)
    assert many.hand_out(rita, queue)
    found = list(many.in_hand(rita, queue))
    assert len(found) == many.MOST
    assert first in found
    assert AuditEntry.objects.filter(action="opened", actor=rita.pk).count() == many.MOST


def test_what_was_sealed_in_the_hand_makes_room_for_others(
    rita: User, queue: Queue, owner: User, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    made = review_factories.many_items(queue, owner, many.MOST + 1)
    for item in made:
        assert item.conversation is not None
        consented(item.conversation)
    many.hand_out(rita, queue)
    sealed = many.in_hand(rita, queue)[0].item
    assert sealed.conversation is not None
    consents.take_back(owner, sealed.conversation.pk)

    assert len(many.in_hand(rita, queue)) == many.MOST - 1
    assert many.hand_out(rita, queue)
    assert len(many.in_hand(rita, queue)) == many.MOST
    assert closed_in_hand(rita, [queue]) == {queue.pk: {"sealed": 1}}
    consents.give(owner, sealed.conversation.pk)
    assert closed_in_hand(rita, [queue]) == {}


def test_another_reviewer_gets_none_of_them(rita: User, queue: Queue, held: list[Assignment]) -> None:
    other = review_factories.reviewer("ruth")

    assert many.hand_out(other, queue)
    assert len(held) == 3
    assert not many.in_hand(other, queue)


def test_those_with_a_verdict_are_handed_in_with_what_was_written_before(
    rita: User, queue: Queue, held: list[Assignment]
) -> None:
    first, second, third = held
    drafts.save(first.pk, rita, first.token, {"verdict": "", "note": "Look here"}, 1)

    done, refused = many.hand_in(
        rita, queue, [with_verdict(first, "good"), with_verdict(second), with_verdict(third, "harmful")]
    )

    assert (done, refused) == ([first.pk, third.pk], {})
    given = Review.objects.order_by("assignment").values_list("assignment", "verdict", "note")
    assert list(given) == [(first.pk, "good", "Look here"), (third.pk, "harmful", "")]
    assert sorted(states(rita)) == ["active", "done", "done"]


def test_one_that_is_refused_keeps_none_of_the_others(
    rita: User, queue: Queue, held: list[Assignment]
) -> None:
    first, second, third = held
    items.close(ReviewItem.objects.get(pk=second.item_id))
    lost = Submitted(first.pk, uuid.uuid4(), "good")

    done, refused = many.hand_in(
        rita, queue, [lost, with_verdict(second, "flawed"), with_verdict(third, "good")]
    )

    assert done == [third.pk]
    assert {pk: error.code for pk, error in refused.items()} == {
        first.pk: "review.lease_lost",
        second.pk: "review.item_closed",
    }
    assert Assignment.objects.get(pk=second.pk).draft["verdict"] == "flawed"


def test_what_is_of_another_queue_is_not_handed_in_here(rita: User, held: list[Assignment]) -> None:
    done, refused = many.hand_in(rita, review_factories.queue("Other"), [with_verdict(held[0], "good")])

    assert (done, [*refused]) == ([], [held[0].pk])
    assert not Review.objects.exists()


def test_what_has_no_verdict_is_given_back_and_comes_again(
    rita: User, queue: Queue, held: list[Assignment]
) -> None:
    first, *rest = held
    drafts.save(rest[0].pk, rita, rest[0].token, {"verdict": "", "note": "Later"}, 1)

    assert many.give_back(rita, [with_verdict(first, "good"), *map(with_verdict, rest)]) == 2
    assert list(many.in_hand(rita, queue)) == [first]
    assert many.give_back(rita, map(with_verdict, rest)) == 2  # pressed twice
    assert many.hand_out(rita, queue)
    assert Assignment.objects.get(pk=rest[0].pk).draft["note"] == "Later"
    assert states(rita) == ["active"] * 3


def test_leases_are_renewed_where_they_are_held(rita: User, held: list[Assignment]) -> None:
    first, second, _ = held
    before = first.expires_at

    refused = many.renew(rita, [with_verdict(first), Submitted(second.pk, uuid.uuid4())])

    assert [*refused] == [second.pk]
    assert Assignment.objects.get(pk=first.pk).expires_at > before
