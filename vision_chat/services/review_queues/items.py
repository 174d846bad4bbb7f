"""Items as such: closed and opened again by hand, and assigned to somebody."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db import transaction

from vision_chat.models import AuditEntry, ReviewItem
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues._locked import Locked, is_for_reviewer, lock, record_state
from vision_chat.services.review_queues.readability import UNREADABLE
from vision_chat.services.review_queues.shares import reviewers_wanted
from vision_chat.services.review_queues.states import Hands, HandState, State, end, hand_of

ClosedFor = ReviewItem.ClosedFor


def close(item: ReviewItem, *, by: AbstractBaseUser | None = None) -> ReviewItem:
    """Close an item by hand: nobody gets it any more. `by` says so."""
    with transaction.atomic():
        held = lock(item.pk)
        if held.item.state != State.CLOSED:
            close_and_give_back(held)
            record_state(held, by, "closed")
        return held.item


def close_and_give_back(held: Locked) -> None:
    """Close a locked item by hand: whoever works on it keeps the draft alone."""
    everybody = {hand.reviewer for hand in held.hands}
    held.store(_given_back(held.hands, everybody), closed_for=ClosedFor.BY_HAND)


def reopen(item: ReviewItem, *, by: AbstractBaseUser | None = None) -> ReviewItem:
    """Open an item that was closed by hand. One that nobody may read stays closed. `by` says so."""
    with transaction.atomic():
        held = lock(item.pk)
        is_there = held.item.conversation is not None and held.item.closed_for not in UNREADABLE
        if is_there and held.item.state == State.CLOSED:
            held.settle(closed_for="")
            record_state(held, by, "opened")
        return held.item


def is_done_with(item: ReviewItem) -> bool:
    """Tell whether nobody looks at the item any more, though its conversation is there."""
    if item.state == State.CLOSED:
        return item.closed_for == ClosedFor.BY_HAND
    return item.state in {State.DONE, State.RESOLVED}


def ask_again(item_id: int) -> None:
    """Let one more reviewer look at an item that was done with: somebody has reported it since.

    Verdicts stay, and a decision counts until there is another one.
    """
    with transaction.atomic():
        held = lock(item_id)
        if held.item.conversation is None or not is_done_with(held.item):
            return
        held.item.state = State.WAITING  # a decision was made without the report
        changes: dict[str, Any] = {"closed_for": "", "reviewers_wanted": _count_done(held) + 1}
        assigned = held.item.assigned_person_id
        if assigned is not None and (hand := hand_of(held.hands, assigned)) and hand.state == HandState.DONE:
            changes["assigned_person_id"] = None
        held.settle(**changes)
        figures.update_verdict(held.item.conversation.pk)


def assign(
    item: ReviewItem,
    person: AbstractBaseUser | None = None,
    group: Group | None = None,
    *,
    by: AbstractBaseUser | None = None,
) -> ReviewItem:
    """Let the item wait for a person, a group, or with neither for everybody. `by` is who says so.

    Who works on it and is somebody else gives it back. A person who has skipped it gets it again, and gives
    the last verdict that it wants.
    """
    with transaction.atomic():
        held = lock(item.pk)
        person_id = None if person is None else person.pk
        group_id = None if group is None else group.pk
        held.item.assigned_person_id, held.item.assigned_group_id = person_id, group_id
        others = {hand.reviewer for hand in held.hands if not is_for_reviewer(held, hand.reviewer)}
        wanted = _wanted_after(held, person)
        changes = {"assigned_person_id": person_id, "assigned_group_id": group_id}
        hands = _given_back(held.hands, others)
        if person is not None and held.item.state != State.CLOSED:
            hands = _offered_again(hands, person.pk)
        held.store(hands, reviewers_wanted=wanted, **changes)
        given = {"person": person_id, "group": group_id}
        details = held.details(**{name: pk for name, pk in given.items() if pk is not None})
        if held.item.conversation_id is not None:  # it may be finished now, or no longer
            figures.update_verdict(held.item.conversation_id)
        audit.record(AuditEntry.Action.ASSIGNED, by, conversation=held.item.conversation, details=details)
        return held.item


def flag(item: ReviewItem, *, is_flagged: bool) -> None:
    """Mark an item for those who lead, or take the mark away."""
    ReviewItem.every.filter(pk=item.pk).update(is_flagged=is_flagged)


def wanted_of(item: ReviewItem) -> int:
    """Return how many reviewers the item wants by its version: the same whenever it is asked."""
    if item.assigned_person_id is not None:
        return 1
    key = (item.queue_id, item.message_id or item.conversation_id)
    settings = item.version.settings
    return reviewers_wanted(settings["reviewers_per_item"], settings["shared_percent"], *key)


def _given_back(hands: Hands, reviewers: Iterable[int]) -> Hands:
    """Return the hands after these reviewers have stopped to work; what they have ended stays so."""
    for reviewer in reviewers:
        hand = hand_of(hands, reviewer)
        if hand and hand.state == HandState.ACTIVE:
            hands = end(hands, reviewer, HandState.EXPIRED)
    return hands


def _offered_again(hands: Hands, reviewer: int) -> Hands:
    """Return the hands after the reviewer is to get what they have skipped."""
    hand = hand_of(hands, reviewer)
    is_skipped = hand is not None and hand.state == HandState.SKIPPED
    return end(hands, reviewer, HandState.EXPIRED) if is_skipped else hands


def _wanted_after(held: Locked, person: AbstractBaseUser | None) -> int:
    """Return how many verdicts the item wants: with a person, theirs is the last one."""
    if person is None:
        return max(wanted_of(held.item), _count_done(held))
    others = [hand for hand in held.hands if hand.reviewer != person.pk and hand.state == HandState.DONE]
    return len(others) + 1


def _count_done(held: Locked) -> int:
    return sum(hand.state == HandState.DONE for hand in held.hands)
