"""Whether items may be read: closed with their conversation or answer, and opened with it again."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from vision_chat.models import ReviewItem
from vision_chat.models.conversation import unsealed
from vision_chat.services.review_queues._locked import Locked, is_sealed, lock_all
from vision_chat.services.review_queues.states import State

ClosedFor = ReviewItem.ClosedFor
UNREADABLE: Final = (ClosedFor.DELETED, ClosedFor.SEALED)
"""Reasons for which an item is closed until its owner restores or opens the conversation."""
BATCH: Final = 100


def close_deleted(conversation_ids: Collection[UUID]) -> None:
    """Close the items of conversations that their owner deletes. Within the transaction of the deletion."""
    _close_deleted(Q(conversation__in=conversation_ids))


def close_deleted_messages(message_ids: Collection[int] | QuerySet[Any]) -> None:
    """Close the items of single answers that their owner deletes."""
    _close_deleted(Q(message__in=message_ids))


def open_restored(conversation_ids: Collection[UUID]) -> None:
    """Open the items that were closed because their conversation was deleted: it is there again."""
    is_there = Q(message=None) | Q(message__deleted_at=None)
    _open_restored(Q(conversation__in=conversation_ids) & is_there)


def open_restored_messages(message_ids: Collection[int] | QuerySet[Any]) -> None:
    """Open the items that were closed because their answer was deleted: it is there again."""
    _open_restored(Q(message__in=message_ids, message__deleted_at=None, conversation__deleted_at=None))


def close_unreadable(held: Locked, reason: ClosedFor) -> None:
    """Close a locked item that nobody may read. Drafts stay, in case its owner changes their mind."""
    held.settle(closed_for=reason)


def close_sealed(conversation_id: UUID) -> None:
    """Close the items of a conversation that its owner does not let reviewers read any more."""
    for held in lock_all(Q(conversation=conversation_id) & ~Q(state=State.CLOSED)):
        close_unreadable(held, ClosedFor.SEALED)


def open_unsealed(conversation_id: UUID) -> None:
    """Open the items that were closed because the conversation was sealed."""
    for held in lock_all(Q(conversation=conversation_id, closed_for=ClosedFor.SEALED)):
        _unseal(held)


def settle_seals() -> int:
    """Close or open a batch of items where the site seals conversations since, or does no longer.

    Returns their number, 0 at last.
    """
    with transaction.atomic():
        is_stale = ~Q(state=State.CLOSED) & ~unsealed("conversation") & Q(conversation__isnull=False)
        is_stale |= Q(closed_for=ClosedFor.SEALED, conversation__deleted_at=None) & unsealed("conversation")
        ids = list(ReviewItem.every.filter(is_stale).order_by("pk").values_list("pk", flat=True)[:BATCH])
        for held in lock_all(Q(pk__in=ids)):
            if held.item.closed_for == ClosedFor.SEALED:
                _unseal(held)
            elif not held.item.closed_for:
                close_unreadable(held, ClosedFor.SEALED)
        return len(ids)


def _close_deleted(conditions: Q) -> None:
    for held in lock_all(conditions & ~Q(state=State.CLOSED)):
        close_unreadable(held, ClosedFor.DELETED)


def _open_restored(conditions: Q) -> None:
    for held in lock_all(conditions & Q(state=State.CLOSED, closed_for=ClosedFor.DELETED)):
        held.settle(closed_for=ClosedFor.SEALED if is_sealed(held.item.conversation_id) else "")


def _unseal(held: Locked) -> None:
    """Open a locked item; it stays closed where its answer was deleted meanwhile."""
    is_there = held.item.message is None or held.item.message.deleted_at is None
    held.settle(closed_for="" if is_there else ClosedFor.DELETED)
