"""Verdicts are handed in once, changed and withdrawn as records, and logged."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.errors.reviews import (
    AnswersError,
    ItemClosedError,
    LeaseLostError,
    VerdictChangedError,
)
from vision_chat.models import Assignment, AuditEntry, ConversationFigures, Review, ReviewItem
from vision_chat.services.review_queues import items, verdicts
from vision_chat.services.review_queues.handing_out import next_item, open_item

pytestmark = pytest.mark.each_database

State = ReviewItem.State


def state_of(item: ReviewItem) -> str:
    return ReviewItem.objects.get(pk=item.pk).state


def test_two_clicks_are_one_verdict_and_another_one_is_refused(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    item = made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    with pytest.raises(AnswersError):
        verdicts.submit(mine.pk, rita, mine.token, "splendid", {})
    assert state_of(item) == State.IN_REVIEW
    review = verdicts.submit(mine.pk, rita, mine.token, "good", {}, " Fine. ")
    assert verdicts.submit(mine.pk, rita, mine.token, "good", {}, "Fine.") == review
    with pytest.raises(LeaseLostError):
        verdicts.submit(mine.pk, rita, mine.token, "flawed", {}, "Fine.")
    assert [(each.verdict, each.note) for each in Review.objects.all()] == [("good", "Fine.")]
    assert state_of(item) == State.DONE
    entry = AuditEntry.objects.get(action="reviewed")
    assert (entry.action, entry.details["verdict"]) == ("reviewed", "good")
    assert ConversationFigures.objects.get(pk=item.conversation_id).verdict == "good"


def test_a_change_leaves_the_one_before_as_a_record(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    first = verdicts.submit(mine.pk, rita, mine.token, "good", {})
    assert verdicts.change(first.pk, rita, "good", {}) == first
    with pytest.raises(VerdictChangedError):
        verdicts.change(first.pk, rob, "flawed", {})
    second = verdicts.change(first.pk, rita, "flawed", {}, "On second thoughts")
    with pytest.raises(VerdictChangedError):
        verdicts.change(first.pk, rita, "harmful", {})
    assert list(Review.objects.order_by("pk").values_list("verdict", "is_current")) == [
        ("good", False),
        ("flawed", True),
    ]
    items.close(item)
    with pytest.raises(ItemClosedError):
        verdicts.withdraw(second.pk, rita)


def test_a_withdrawn_verdict_lets_the_item_wait_for_others_and_for_its_author_who_asks(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    review = verdicts.submit(mine.pk, rita, mine.token, "good", {}, "Fine.")
    verdicts.withdraw(review.pk, rita)
    assert state_of(item) == State.WAITING
    review.refresh_from_db()
    assert (review.is_current, review.withdrawn_at is not None) == (False, True)
    with pytest.raises(VerdictChangedError):
        verdicts.withdraw(review.pk, rita)
    with pytest.raises(LeaseLostError):
        verdicts.submit(mine.pk, rita, mine.token, "good", {}, "Fine.")
    assert next_item(rita, queue) is None
    again = open_item(rita, item)
    assert again.draft == {"verdict": "good", "answers": {}, "note": "Fine."}
    assert next_item(rob, queue) is None
    verdicts.submit(again.pk, rita, again.token, "harmful", {})
    assert state_of(item) == State.DONE
    actions = AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["opened", "reviewed", "withdrew", "reviewed"]
    assert Assignment.objects.count() == 1


def test_agreement_is_done_and_disagreement_awaits_a_decision(ann: User) -> None:
    people = [made.reviewer("rita"), made.reviewer("rob")]
    queue = made.queue(reviewers_per_item=2)
    item = made.item(queue, ann)
    reviews = []
    for person, verdict in zip(people, ["good", "flawed"], strict=True):
        mine = made.handed_out(person, queue)
        reviews.append(verdicts.submit(mine.pk, person, mine.token, verdict, {}))
    assert state_of(item) == State.AWAITING_RESOLUTION
    verdicts.change(reviews[0].pk, people[0], "flawed", {})
    assert state_of(item) == State.DONE


def test_a_blind_reviewer_sees_the_verdicts_of_others_after_their_own(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    lead = made.reviewer("lead", "resolve_reviewitem")
    queue = made.queue(reviewers_per_item=2)
    item = made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    review = verdicts.submit(mine.pk, rita, mine.token, "good", {})
    other = made.handed_out(rob, queue)
    item.refresh_from_db()
    assert list(verdicts.visible_to(rob, item)) == []
    assert list(verdicts.visible_to(rita, item)) == list(verdicts.visible_to(lead, item)) == [review]
    verdicts.submit(other.pk, rob, other.token, "good", {})
    assert verdicts.visible_to(rob, item).count() == 2
    rosa = made.reviewer("rosa")
    assert not verdicts.visible_to(rosa, item)
    item.version.settings["is_blind"] = False
    item.version.save()
    assert verdicts.visible_to(rosa, item).count() == 2
