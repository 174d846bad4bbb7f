"""What waits for a reviewer, as a pure rule, and the numbers of their order. `_waiting` has both in SQL."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vision_chat.services.review_queues.states import OPEN, Hands, HandState, State, hand_of, has_place

PRIME: Final = 2**31 - 1
PASSED_OVER: Final = (HandState.DONE, HandState.SKIPPED, HandState.WITHDRAWN)
"""What a reviewer has ended themselves comes back only where they take it up again."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer and the groups that they are in."""

    pk: int
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the choice sees it; `person` and `group` are those that it is assigned to."""

    pk: int
    state: State
    wanted: int
    hands: Hands = ()
    person: int | None = None
    group: int | None = None
    conversation: Hashable = None
    is_gold: bool = False
    had_as_gold: frozenset[int] = frozenset()
    """Those who had the gold item that was made of this one: it is the same to them."""


def is_for(item: Item, reviewer: Reviewer) -> bool:
    """Tell whether the item is assigned to nobody, or to this reviewer."""
    return item.person in {None, reviewer.pk} and (item.group is None or item.group in reviewer.groups)


def waits_for(item: Item, reviewer: Reviewer, now: datetime) -> bool:
    """Tell whether the item waits for this reviewer. A gold one does so once they have had it."""
    if item.state not in OPEN or not is_for(item, reviewer):
        return False
    own = hand_of(item.hands, reviewer.pk)
    if own and own.state == HandState.ACTIVE:
        return True
    if own and own.state in PASSED_OVER:
        return False
    if (item.is_gold and own is None) or reviewer.pk in item.had_as_gold:
        return False
    return has_place(item.wanted, item.hands, reviewer.pk, now)


def numbers_of(reviewer: int) -> tuple[int, int]:
    """Return the numbers that make the order of a reviewer. Each person's is another."""
    digest = hashlib.sha256(f"reviewer {reviewer}".encode()).digest()
    factor, summand = int.from_bytes(digest[:8]), int.from_bytes(digest[8:16])
    return factor % (PRIME - 1) + 1, summand % PRIME
