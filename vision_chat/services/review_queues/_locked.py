"""An item with its assignments, locked for a change: whatever changes either locks the item first."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from vision_chat.errors.reviews import ItemClosedError, LeaseLostError
from vision_chat.models import Assignment, AuditEntry, Conversation, Review, ReviewItem
from vision_chat.services import audit
from vision_chat.services.review_queues.choice import Item, Reviewer, is_for
from vision_chat.services.review_queues.states import EVERYBODY, Hand, Hands, HandState, State, state_of


@dataclass(slots=True)
class Locked:
    """A locked item and its assignments, by reviewer."""

    item: ReviewItem
    rows: dict[int, Assignment]
    hands: Hands
    now: datetime

    @property
    def wanted(self) -> int:
        """Return how many reviewers the item wants."""
        return EVERYBODY if self.item.is_gold else self.item.reviewers_wanted

    @property
    def until(self) -> datetime:
        """Return the moment until which a lease lasts that begins or is renewed now."""
        return self.now + timedelta(minutes=self.item.version.lease_minutes)

    def details(self, **more: str | int) -> dict[str, str | int]:
        """Return what the audit log says of the item, and more."""
        return {"queue": self.item.queue_id, "item": self.item.pk, **more}

    def store(self, hands: Hands, **changes: Any) -> None:
        """Save the hands as they are now, and the state of the item. `changes` are columns of the item."""
        for hand in hands:
            self._store_hand(hand)
        self.hands = hands
        self.settle(**changes)

    def _store_hand(self, hand: Hand) -> None:
        row = self.rows.get(hand.reviewer)
        if row is None:
            row = Assignment(item=self.item, reviewer_id=hand.reviewer, expires_at=hand.expires_at)
            row.save(force_insert=True)
            self.rows[hand.reviewer] = row
        elif (row.state, row.expires_at) != (hand.state, hand.expires_at):
            if row.state != hand.state:
                row.ended_at = None if hand.state == HandState.ACTIVE else self.now
            row.state, row.expires_at = hand.state, hand.expires_at
            row.save(update_fields=["state", "expires_at", "ended_at"])

    def settle(self, **changes: Any) -> None:
        """Save the state that follows from the hands, and other columns of the item."""
        is_resolved = self._is_resolved()
        for name, value in changes.items():
            setattr(self.item, name, value)
        state = state_of(
            self.wanted,
            self.hands,
            is_closed=bool(self.item.closed_for),
            is_resolved=is_resolved,
        )
        self.item.state, self.item.changed_at = state.value, self.now
        self.item.save(update_fields=[*changes, "state", "changed_at"])

    def _is_resolved(self) -> bool:
        if self.item.state == State.CLOSED:
            return self.item.resolutions.exists()
        return self.item.state == State.RESOLVED


def lock(item_id: int) -> Locked:
    """Lock an item within a transaction. Raises ItemClosedError where it is gone."""
    try:
        return with_hands(_rows().get(pk=item_id))
    except ReviewItem.DoesNotExist:
        raise ItemClosedError(reason=ReviewItem.ClosedFor.DELETED.label) from None


def with_hands(item: ReviewItem) -> Locked:
    """Return what belongs to an item that is locked already, read after that."""
    current = Review.every.filter(assignment=OuterRef("pk"), is_current=True).values("verdict")
    assignments = Assignment.objects.filter(item=item).annotate(current=Subquery(current[:1]))
    rows = {row.reviewer_id: row for row in assignments.order_by("pk")}
    hands = tuple(
        Hand(reviewer, HandState(row.state), row.expires_at, getattr(row, "current", None) or "")
        for reviewer, row in rows.items()
    )
    return Locked(item, rows, hands, timezone.now())


def lock_held(
    assignment_id: int, reviewer: AbstractBaseUser, token: uuid.UUID | str
) -> tuple[Locked, Assignment]:
    """Lock the item of a reviewer's own assignment. Raises LeaseLostError where the token is another."""
    ids = Assignment.objects.filter(pk=assignment_id, reviewer=reviewer.pk).values_list("item", flat=True)
    item_id = ids.first()
    if item_id is None:
        raise LeaseLostError
    held = lock(item_id)
    row = held.rows.get(reviewer.pk)
    if row is None or row.pk != assignment_id or str(row.token) != str(token):
        raise LeaseLostError
    return held, row


def record_state(held: Locked, by: AbstractBaseUser | None, state: str) -> None:
    """Write to the audit log what somebody has made of an item."""
    details = held.details(state=state)
    audit.record(AuditEntry.Action.SETTINGS, by, conversation=held.item.conversation, details=details)


def check_is_open(item: ReviewItem) -> None:
    """Raise ItemClosedError where the item is closed, or its conversation sealed."""
    if item.state == State.CLOSED:
        raise ItemClosedError(reason=item.get_closed_for_display())
    if is_sealed(item.conversation_id):
        raise ItemClosedError(reason=ReviewItem.ClosedFor.SEALED.label)


def is_sealed(conversation_id: uuid.UUID | None) -> bool:
    """Tell whether the owner of a conversation does not let reviewers read it."""
    if conversation_id is None or not settings.VISION_CHAT.seals_conversations:
        return False
    return not Conversation.objects.unsealed().filter(pk=conversation_id).exists()


def lock_all(conditions: Q) -> list[Locked]:
    """Lock all items of these conditions, always in the same order."""
    return [with_hands(item) for item in _rows().filter(conditions).order_by("pk")]


def _rows() -> QuerySet[ReviewItem]:
    rows = ReviewItem.every.select_for_update(of=("self",))
    return rows.select_related("version__rubric_version", "conversation")


def plain(held: Locked) -> Item:
    """Return the item as plain data, for the rules of `choice`."""
    same = Assignment.objects.filter(item__gold_of=held.item.pk)
    return replace(_alone(held), had_as_gold=frozenset(same.values_list("reviewer", flat=True)))


def _alone(held: Locked) -> Item:
    item = held.item
    return Item(
        pk=item.pk,
        state=State(item.state),
        wanted=held.wanted,
        hands=held.hands,
        person=item.assigned_person_id,
        group=item.assigned_group_id,
        conversation=item.conversation_id,
        is_gold=item.is_gold,
    )


def plain_reviewer(reviewer_id: int) -> Reviewer:
    """Return a reviewer as plain data."""
    return Reviewer(
        reviewer_id, frozenset(Group.objects.filter(user=reviewer_id).values_list("pk", flat=True))
    )


def is_for_reviewer(held: Locked, reviewer_id: int) -> bool:
    """Tell whether the item is assigned to nobody, or to this reviewer."""
    return is_for(_alone(held), plain_reviewer(reviewer_id))
