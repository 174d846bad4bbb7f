"""Items are closed and opened again, also with their conversation, and assigned."""

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories
from tests.support import review_factories as made
from tests.support.use_cases import call
from vision_chat.models import Assignment, AuditEntry, Queue, ReviewItem
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.purge import purge
from vision_chat.services.review_queues import filling, items, leases, verdicts
from vision_chat.services.review_queues.handing_out import next_item, open_item

pytestmark = pytest.mark.each_database

State = ReviewItem.State


def state_of(item: ReviewItem) -> str:
    return ReviewItem.objects.get(pk=item.pk).state


def test_an_item_goes_and_comes_with_its_conversation(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    item, by_hand = made.items(queue, ann, 2)
    items.close(by_hand)
    mine = made.handed_out(rita, queue)
    assert item.conversation is not None
    assert by_hand.conversation is not None
    for each in (item, by_hand):
        call(ann, delete, each.conversation_id)
    assert state_of(item) == State.CLOSED
    assert ReviewItem.objects.get(pk=item.pk).closed_for == "deleted"
    assert next_item(rita, queue) is None
    for each in (item, by_hand):
        call(ann, restore, each.conversation_id)
    assert (state_of(item), state_of(by_hand)) == (State.IN_REVIEW, State.CLOSED)
    leases.renew(mine.pk, rita, mine.token)
    purge([item.conversation])
    gone = ReviewItem.objects.get(pk=item.pk)
    assert (gone.state, gone.closed_for, gone.conversation) == (State.CLOSED, "deleted", None)
    assert items.reopen(gone).state == State.CLOSED
    assert items.reopen(by_hand).state == State.WAITING


def test_an_item_of_an_answer_goes_and_comes_with_it(ann: User) -> None:
    queue = made.queue(unit=Queue.Unit.ANSWER)
    item = made.item(queue, ann)
    assert item.message is not None
    later = factories.turn(item.message.conversation)
    other = filling.add(queue, later.conversation, later)
    assert other is not None
    call(ann, delete_message, later.pk)
    assert (state_of(item), state_of(other)) == (State.WAITING, State.CLOSED)
    call(ann, restore_message, later.pk)
    assert (state_of(item), state_of(other)) == (State.WAITING, State.WAITING)


def test_an_item_that_is_assigned_waits_for_that_person_alone(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    lead = made.reviewer("lead")
    queue = made.queue(reviewers_per_item=2)
    item = made.item(queue, ann)
    mine, other = made.handed_out(rita, queue), made.handed_out(rob, queue)
    verdicts.submit(mine.pk, rita, mine.token, "good", {})
    leases.skip(other.pk, rob, other.token)
    items.assign(item, person=rob, by=lead)
    again = made.handed_out(rob, queue)
    assert again == other
    entry = AuditEntry.objects.get(action="assigned")
    assert entry.details == {"queue": queue.pk, "item": item.pk, "person": rob.pk}
    ruth = made.reviewer("ruth")
    items.assign(item, person=ruth)
    assert Assignment.objects.get(pk=again.pk).state == "expired"
    assert next_item(rob, queue) is None
    last = made.handed_out(ruth, queue)
    verdicts.submit(last.pk, ruth, last.token, "good", {})
    assert state_of(item) == State.DONE


def test_an_item_for_a_group_waits_for_its_people(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    night = Group.objects.create(name="Night")
    rob.groups.add(night)
    item = made.item(queue, ann)
    made.handed_out(rita, queue)
    items.assign(item, group=night)
    assert next_item(rita, queue) is None
    mine = made.handed_out(rob, queue)
    leases.skip(mine.pk, rob, mine.token)
    items.assign(item)
    assert open_item(rita, item).item == item
    items.flag(item, is_flagged=True)
    assert ReviewItem.objects.get(pk=item.pk).is_flagged


def test_closing_ends_work_and_opening_again_brings_nobody_what_they_have_skipped(ann: User) -> None:
    rita, rob, lead = made.reviewer("rita"), made.reviewer("rob"), made.reviewer("lead")
    queue = made.queue(reviewers_per_item=2)
    item = made.item(queue, ann)
    mine, other = made.handed_out(rita, queue), made.handed_out(rob, queue)
    items.assign(item, person=rob, by=lead)
    leases.skip(other.pk, rob, other.token)
    for _ in range(2):  # the second time changes nothing
        items.close(item, by=lead)
    states = dict(Assignment.objects.values_list("pk", "state"))
    assert states == {mine.pk: "expired", other.pk: "skipped"}
    for _ in range(2):
        items.reopen(item, by=lead)
    assert next_item(rob, queue) is None
    entries = AuditEntry.objects.filter(action="settings", conversation_id=item.conversation_id)
    told = entries.order_by("sequence").values_list("actor__person", "details__item", "details__state")
    assert list(told) == [(lead.pk, item.pk, "closed"), (lead.pk, item.pk, "opened")]
