"""Leases: renewed by a page that is open, and ended by skipping an item or giving it back.

All raise LeaseLostError where the reviewer does not hold the lease of this token, and ItemClosedError.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.reviews import LeaseLostError
from vision_chat.models import Assignment
from vision_chat.models.review_item import MAX_SKIP_REASON_LENGTH
from vision_chat.services.review_queues._locked import Locked, check_is_open, is_for_reviewer, lock_held
from vision_chat.services.review_queues.states import HandState, end, take_up
from vision_chat.services.storable import storable


def renew(assignment_id: int, reviewer: AbstractBaseUser, token: uuid.UUID | str) -> datetime:
    """Prolong a lease, also one that has run out while the place is free. Returns until when it is held."""
    with transaction.atomic():
        held, row = lock_held(assignment_id, reviewer, token)
        check_is_open(held.item)
        if not renew_locked(held, row):
            raise LeaseLostError
        return row.expires_at


def skip(assignment_id: int, reviewer: AbstractBaseUser, token: uuid.UUID | str, reason: str = "") -> None:
    """End the reviewer's work on an item without a verdict: it does not come to them again."""
    with transaction.atomic():
        held, row = lock_held(assignment_id, reviewer, token)
        check_is_open(held.item)
        if row.state == HandState.SKIPPED:
            return  # pressed twice
        if row.state not in {HandState.ACTIVE, HandState.EXPIRED}:
            raise LeaseLostError
        held.store(end(held.hands, reviewer.pk, HandState.SKIPPED))
        row.skip_reason = storable(reason, "").strip()[:MAX_SKIP_REASON_LENGTH]
        row.save(update_fields=["skip_reason"])


def give_back(assignment_id: int, reviewer: AbstractBaseUser, token: uuid.UUID | str) -> None:
    """Let somebody else have the item; the draft stays. Where nobody takes it, it comes again."""
    with transaction.atomic():
        held, row = lock_held(assignment_id, reviewer, token)
        check_is_open(held.item)
        if row.state == HandState.EXPIRED:
            return  # pressed twice
        if row.state != HandState.ACTIVE:
            raise LeaseLostError
        held.store(end(held.hands, reviewer.pk, HandState.EXPIRED))


def keep_place(held: Locked, row: Assignment) -> bool:
    """Make sure that a locked row has its place, which may be had again. Returns False where it is lost."""
    is_active = row.state == HandState.ACTIVE
    return (is_active and held.item.is_worked_on_by(row.reviewer_id)) or renew_locked(held, row)


def renew_locked(held: Locked, row: Assignment) -> bool:
    """Renew the lease of a locked row, where it is held or can be had again. Returns False elsewhere."""
    if row.state not in {HandState.ACTIVE, HandState.EXPIRED}:
        return False
    if not (held.item.is_worked_on_by(row.reviewer_id) and is_for_reviewer(held, row.reviewer_id)):
        return False  # the queue was closed or given to others, or the item was
    if row.state == HandState.ACTIVE:
        hands = tuple(
            replace(hand, expires_at=held.until) if hand.reviewer == row.reviewer_id else hand
            for hand in held.hands
        )
    else:
        retaken = take_up(held.wanted, held.hands, row.reviewer_id, held.until, held.now)
        if retaken is None:
            return False
        hands = retaken
    held.store(hands)
    return True
