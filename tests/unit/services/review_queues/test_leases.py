"""Leases: renewed and skipped by who holds the token."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import review_factories as made
from vision_chat.errors.reviews import ItemClosedError, ItemNotYoursError, LeaseLostError
from vision_chat.models import Assignment, Conversation, Queue, ReviewItem
from vision_chat.services.review_queues import items, leases, verdicts
from vision_chat.services.review_queues.handing_out import next_item, open_item

pytestmark = pytest.mark.each_database


def test_a_heartbeat_prolongs_the_lease_by_the_minutes_of_the_queue(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue(lease_minutes=5)
    made.item(queue, ann)
    assignment = made.handed_out(rita, queue)
    Assignment.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    until = leases.renew(assignment.pk, rita, str(assignment.token))
    assert timedelta(minutes=4) < until - timezone.now() <= timedelta(minutes=5)
    assignment.refresh_from_db()
    assert assignment.expires_at == until


def test_only_the_token_of_the_one_who_holds_it_counts(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    made.items(queue, ann, 2)
    mine, other = made.handed_out(rita, queue), made.handed_out(rob, queue)
    cases: list[tuple[int, User, uuid.UUID | str]] = [
        (mine.pk, rita, other.token),
        (other.pk, rita, other.token),
        (mine.pk, rob, mine.token),
        (mine.pk, rita, uuid.uuid4()),
        (mine.pk, rita, "nonsense"),
        (mine.pk + 1000, rita, mine.token),
    ]
    for pk, who, token in cases:
        with pytest.raises(LeaseLostError):
            leases.renew(pk, who, token)
        with pytest.raises(LeaseLostError):
            leases.skip(pk, who, token, "No")
    assert set(Assignment.objects.values_list("state", flat=True)) == {"active"}


def test_what_was_skipped_comes_back_only_if_it_is_taken_up_again(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    assignment = made.handed_out(rita, queue)
    leases.skip(assignment.pk, rita, assignment.token, "  Not my language ")
    leases.skip(assignment.pk, rita, assignment.token, "Pressed twice")
    assignment.refresh_from_db()
    assert (assignment.state, assignment.skip_reason) == ("skipped", "Not my language")
    assert assignment.ended_at is not None
    item.refresh_from_db()
    assert item.state == ReviewItem.State.WAITING
    assert next_item(rita, queue) is None
    with pytest.raises(ItemNotYoursError):
        open_item(rita, item)
    items.assign(item, person=rita)
    assert open_item(rita, item).state == Assignment.State.ACTIVE
    assert next_item(rob, queue) is None


@pytest.mark.parametrize("way", ["closed", "other people"])
def test_who_is_out_of_a_queue_holds_takes_up_and_reads_nothing_in_it(ann: User, way: str) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    made.items(queue, ann, 2)
    mine = made.handed_out(rita, queue)
    done = next_item(rita, queue, besides=[mine.item_id])
    assert isinstance(done, Assignment)
    verdicts.submit(done.pk, rita, done.token, "good", {})
    if way == "closed":
        Queue.objects.update(is_open=False)
    else:
        queue.people.add(rob)

    for act in (
        lambda: leases.renew(mine.pk, rita, mine.token),
        lambda: verdicts.submit(mine.pk, rita, mine.token, "good", {}, "Typed"),
        lambda: open_item(rita, mine.item),
    ):
        with pytest.raises((LeaseLostError, ItemNotYoursError)):
            act()
    Assignment.objects.filter(pk=mine.pk).update(state="expired")
    with pytest.raises(LeaseLostError):
        leases.renew(mine.pk, rita, mine.token)
    Assignment.objects.filter(pk=mine.pk).update(state="active")
    mine.refresh_from_db()
    assert mine.draft["note"] == "Typed"
    assert list(Conversation.objects.reviewable_by(rita)) == [done.item.conversation]
    items.assign(mine.item, person=rita)
    assert Conversation.objects.reviewable_by(rita).count() == (1 if way == "closed" else 2)


def test_what_somebody_has_lost_comes_to_them_last(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    made.items(queue, ann, 3)
    first = made.handed_out(rita, queue)
    items.assign(first.item, person=rob)
    items.assign(first.item)
    seen = []
    for _ in range(3):
        assignment = made.handed_out(rita, queue)
        seen.append(assignment.item_id)
        leases.skip(assignment.pk, rita, assignment.token)
    assert seen[-1] == first.item_id
    assert len(set(seen)) == 3


def test_nothing_of_a_closed_item_is_held(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    item = made.item(queue, ann)
    assignment = made.handed_out(rita, queue)
    items.close(item)
    for act in (leases.renew, leases.skip):
        with pytest.raises(ItemClosedError, match="closed by hand"):
            act(assignment.pk, rita, assignment.token)


def test_a_late_verdict_on_what_was_assigned_to_somebody_else_is_kept_as_the_draft(ann: User) -> None:
    queue = made.queue()
    item = made.item(queue, ann)
    rita, rob = (made.reviewer(name) for name in ("rita", "rob"))
    held = made.handed_out(rita, queue)
    items.assign(item, person=rob)

    with pytest.raises(LeaseLostError):
        verdicts.submit(held.pk, rita, held.token, "good", {}, "Right.")
    held.refresh_from_db()
    assert (held.state, held.draft["note"]) == (Assignment.State.EXPIRED, "Right.")
