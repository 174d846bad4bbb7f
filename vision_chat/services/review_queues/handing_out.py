"""Handing items out: the next one of a queue, or one that is opened again."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from vision_chat.errors.reviews import ItemFullError, ItemNotYoursError
from vision_chat.models import Assignment, Conversation, Queue, QueueVersion, ReviewItem, permissions
from vision_chat.services import audit
from vision_chat.services.review_queues import versions
from vision_chat.services.review_queues._locked import (
    Locked,
    check_is_open,
    is_for_reviewer,
    is_sealed,
    lock,
    plain,
    plain_reviewer,
    with_hands,
)
from vision_chat.services.review_queues._waiting import gold_for, in_order, waiting_for
from vision_chat.services.review_queues.choice import waits_for
from vision_chat.services.review_queues.gold import is_due
from vision_chat.services.review_queues.gold_items import fitting_version
from vision_chat.services.review_queues.items import wanted_of
from vision_chat.services.review_queues.readability import ClosedFor, close_unreadable
from vision_chat.services.review_queues.states import OPEN, HandState, hand_of, take_up

TRIES: Final = 5
"""Times that an item is looked for, where others are faster."""


@dataclass(frozen=True, slots=True)
class BusyElsewhere:
    """Something waits for the reviewer, but is being handed out at this moment: ask again."""


def next_item(
    reviewer: AbstractBaseUser, queue: Queue, *, besides: Collection[int] = ()
) -> Assignment | BusyElsewhere | None:
    """Hand the reviewer their next item of the queue, other than `besides`.

    Returns None only where nothing waits for them. Raises AuditUnavailableError.
    """
    with transaction.atomic():
        waiting = waiting_for(reviewer, timezone.now()).filter(queue=queue)
        if besides:
            waiting = waiting.exclude(pk__in=besides)
        if gold := _gold_in_turn(reviewer, queue, waiting):
            return gold
        ordered = in_order(waiting, reviewer).select_related("version", "conversation")
        for _ in range(TRIES):
            item = ordered.select_for_update(skip_locked=True, of=("self",)).first()
            if item is None:
                break
            # read after the lock: somebody else may have taken the last place since the choice began
            held = with_hands(item)
            if reason := _reason_to_close(held):
                close_unreadable(held, reason)
            elif waits_for(plain(held), plain_reviewer(reviewer.pk), held.now):
                return _hand_out(held, reviewer, queue)
    return BusyElsewhere() if waiting.exists() else None


def _gold_in_turn(
    reviewer: AbstractBaseUser, queue: Queue, waiting: QuerySet[ReviewItem]
) -> Assignment | None:
    """Hand out a gold item where it is the turn of one: something else waits, and nothing is in hand."""
    own = Assignment.objects.filter(reviewer=reviewer.pk, item__queue=queue)
    if not is_due(queue.gold_percent, queue.pk, reviewer.pk, own.count()) or not waiting.exists():
        return None
    if waiting.filter(pk__in=own.filter(state=HandState.ACTIVE).values("item")).exists():
        return None
    gold = gold_for(reviewer).filter(queue=queue)
    ordered = in_order(gold, reviewer).select_related("version", "conversation")
    for _ in range(TRIES):
        # nobody passes another one by here: which item it is follows from the turn
        item = ordered.select_for_update(of=("self",)).first()
        if item is None:
            break
        held = with_hands(item)
        if reason := _reason_to_close(held):
            close_unreadable(held, reason)
        elif held.item.state in OPEN and _is_new_or_in_hand(held, reviewer):
            return _hand_out(held, reviewer, queue)
    return None


def _is_new_or_in_hand(held: Locked, reviewer: AbstractBaseUser) -> bool:
    """Tell whether a gold item may come to a reviewer, or came to another window of theirs this moment."""
    own = hand_of(held.hands, reviewer.pk)
    return own is None or own.state == HandState.ACTIVE


def open_item(reviewer: AbstractBaseUser, item: ReviewItem | int) -> Assignment:
    """Open an item that was handed out to the reviewer, or is for them by name.

    One that they have done is opened as it is, another one taken up where there is place; what they have
    skipped is not. Raises ItemNotYoursError, ItemFullError, ItemClosedError and AuditUnavailableError.
    """
    with transaction.atomic():
        held = lock(item if isinstance(item, int) else item.pk)
        check_is_open(held.item)
        row = held.rows.get(reviewer.pk)
        if row and row.state == HandState.DONE:
            return row
        if not _may_open(held, reviewer):
            raise ItemNotYoursError
        return _hand_out(held, reviewer, held.item.queue)


def _may_open(held: Locked, reviewer: AbstractBaseUser) -> bool:
    own = hand_of(held.hands, reviewer.pk)
    if not (isinstance(reviewer, PermissionsMixin) and reviewer.has_perm(permissions.WORK_ITEMS)):
        return False
    if not is_for_reviewer(held, reviewer.pk) or not held.item.is_worked_on_by(reviewer.pk):
        return False
    if own:
        return own.state != HandState.SKIPPED
    if held.item.is_gold:
        return False
    if held.item.assigned_person_id == reviewer.pk:
        return True
    # to pick an item for oneself is to read by choice, which takes a reason
    conversations = Conversation.objects.reviewable_whole_by(reviewer)
    may_pick = reviewer.has_perm(permissions.ASSIGN_ITEMS)
    return may_pick and conversations.filter(review_items=held.item.pk).exists()


def _hand_out(held: Locked, reviewer: AbstractBaseUser, queue: Queue) -> Assignment:
    """Put the item into the reviewer's hand, who reads it from now on.

    Raises ItemFullError and AuditUnavailableError.
    """
    item, changes = held.item, {}
    if (version := _version_for(held, queue)) is not None:
        item.version = version
        item.reviewers_wanted = wanted_of(item)
        changes = {"version": item.version, "reviewers_wanted": item.reviewers_wanted}
    own = hand_of(held.hands, reviewer.pk)
    hands = take_up(held.wanted, held.hands, reviewer.pk, held.until, held.now)
    if hands is None:
        raise ItemFullError
    held.store(hands, **changes)
    row = held.rows[reviewer.pk]
    if own and own.state != HandState.ACTIVE:
        # what the hand before this one still sends is late
        row.token, row.began_at = uuid.uuid4(), held.now
        row.save(update_fields=["token", "began_at"])
    if item.conversation is not None:
        # last, as everywhere: others wait for the end of the log
        audit.opened(reviewer, item.conversation, details=held.details())
    return row


def _version_for(held: Locked, queue: Queue) -> QueueVersion | None:
    """Return the version that an item takes up, None where it keeps its own: that of its first reviewer.

    A gold one takes a new one up whenever nobody works on it, so as to look like all others.
    """
    if held.item.is_gold:
        return fitting_version(held)
    return None if held.rows else versions.current(queue)


def _reason_to_close(held: Locked) -> ClosedFor | None:
    """Return why nobody may read the item: it is being deleted at this moment, or was sealed since."""
    conversation = held.item.conversation
    if conversation is None or conversation.deleted_at is not None:
        return ClosedFor.DELETED
    return ClosedFor.SEALED if is_sealed(conversation.pk) else None
