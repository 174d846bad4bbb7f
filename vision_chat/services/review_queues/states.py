"""States of an item, and what changes them: pure functions over the hands that it is or was in.

Of the hands of an item, those that work on it and those that are done are never more than the reviewers it
wants. A lease that has run out keeps its place until somebody else needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """State of an item; the values of `ReviewItem.State`."""

    WAITING = "waiting"
    IN_REVIEW = "in_review"
    DONE = "done"
    AWAITING_RESOLUTION = "disputed"
    RESOLVED = "resolved"
    CLOSED = "closed"


class HandState(StrEnum):
    """State of an assignment; the values of `Assignment.State`."""

    ACTIVE = "active"
    DONE = "done"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OPEN = (State.WAITING, State.IN_REVIEW)
"""States in which an item may be handed out."""
EVERYBODY: Final = 2**31 - 1
"""Reviewers that a gold item wants: it is never done."""


@dataclass(frozen=True, slots=True)
class Hand:
    """An assignment as plain data. `verdict` is the current one of a hand that is done."""

    reviewer: int
    state: HandState
    expires_at: datetime
    verdict: str = ""


Hands = tuple[Hand, ...]


def state_of(
    wanted: int, hands: Sequence[Hand], *, is_closed: bool = False, is_resolved: bool = False
) -> State:
    """Return the state of an item that wants so many reviewers. Closed counts first, then resolved."""
    if is_closed:
        return State.CLOSED
    if is_resolved:
        return State.RESOLVED
    verdicts = [hand.verdict for hand in hands if hand.state == HandState.DONE]
    if len(verdicts) >= wanted:
        return State.DONE if len(set(verdicts)) <= 1 else State.AWAITING_RESOLUTION
    is_begun = verdicts or any(hand.state == HandState.ACTIVE for hand in hands)
    return State.IN_REVIEW if is_begun else State.WAITING


def hand_of(hands: Sequence[Hand], reviewer: int) -> Hand | None:
    """Return the reviewer's hand, if the item was ever in it."""
    return next((hand for hand in hands if hand.reviewer == reviewer), None)


def is_overdue(hand: Hand, now: datetime) -> bool:
    """Tell whether somebody else may have the place of a hand that works on the item."""
    return hand.state == HandState.ACTIVE and hand.expires_at <= now


def has_place(wanted: int, hands: Sequence[Hand], reviewer: int, now: datetime) -> bool:
    """Tell whether there is a place for this reviewer beside the others who are done or hold a lease."""
    others = (hand for hand in hands if hand.reviewer != reviewer)
    return sum(_has_place(hand) and not is_overdue(hand, now) for hand in others) < wanted


def take_up(wanted: int, hands: Hands, reviewer: int, until: datetime, now: datetime) -> Hands | None:
    """Put the item into the reviewer's hand. Returns None where there is no place.

    Whoever is overdue for the longest time loses the place, if it is needed.
    """
    if not has_place(wanted, hands, reviewer, now):
        return None
    own = Hand(reviewer, HandState.ACTIVE, until)
    others = tuple(hand for hand in hands if hand.reviewer != reviewer)
    overdue = sorted((hand for hand in others if is_overdue(hand, now)), key=lambda hand: hand.expires_at)
    surplus = sum(map(_has_place, others)) + 1 - wanted
    lost = {hand.reviewer for hand in overdue[: max(0, surplus)]}
    return (
        *(replace(hand, state=HandState.EXPIRED) if hand.reviewer in lost else hand for hand in others),
        own,
    )


def hand_in(hands: Hands, reviewer: int, verdict: str) -> Hands:
    """Return the hands after a verdict, or after a change of it."""
    return _changed(hands, reviewer, HandState.DONE, verdict)


def end(hands: Hands, reviewer: int, state: HandState) -> Hands:
    """Return the hands after the reviewer has skipped the item, given it back or withdrawn the verdict."""
    return _changed(hands, reviewer, state, "")


def _changed(hands: Hands, reviewer: int, state: HandState, verdict: str) -> Hands:
    return tuple(
        replace(hand, state=state, verdict=verdict) if hand.reviewer == reviewer else hand for hand in hands
    )


def _has_place(hand: Hand) -> bool:
    return hand.state in {HandState.ACTIVE, HandState.DONE}
