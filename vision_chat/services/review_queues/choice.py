"""The choice of a reviewer's next item, as a pure rule. `_waiting` says the same in SQL."""

import hashlib
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vision_chat.services.review_queues.gold import is_due
from vision_chat.services.review_queues.states import OPEN, Hands, HandState, State, hand_of, has_place

PRIME: Final = 2**31 - 1
PASSED_OVER: Final = (HandState.DONE, HandState.SKIPPED, HandState.WITHDRAWN)
"""What a reviewer has ended themselves comes back only where they take it up again."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer and the groups that they are in."""

    pk: int
    groups: frozenset[int] = frozenset()
    knows_gold: bool = False
    """True of those who see which items are gold, and so are handed none."""


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


@dataclass(frozen=True, slots=True)
class Mix:
    """The queue that items are of, and how many gold ones of a hundred are mixed in."""

    queue: int = 0
    percent: int = 0


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
    if (item.is_gold and (own is None or reviewer.knows_gold)) or reviewer.pk in item.had_as_gold:
        return False
    return has_place(item.wanted, item.hands, reviewer.pk, now)


def next_of(items: Collection[Item], reviewer: Reviewer, now: datetime, mix: Mix = Mix()) -> Item | None:
    """Return the item that comes next for this reviewer, None where none waits for them.

    It is a gold one where something else waits, nothing is in their hand, and it is the turn of one.
    """
    waiting = [item for item in items if waits_for(item, reviewer, now)]
    if not waiting:
        return None
    is_in_hand = any(_rank(item, reviewer) == 0 for item in waiting)
    if not is_in_hand and is_due(mix.percent, mix.queue, reviewer.pk, turn_of(items, reviewer)):
        waiting = gold_for(items, reviewer) or waiting
    return min(waiting, key=lambda item: (_rank(item, reviewer), place(reviewer.pk, item.pk)))


def gold_for(items: Iterable[Item], reviewer: Reviewer) -> list[Item]:
    """Return the gold items of a queue that may come to this reviewer, who has had nothing of the same."""
    items = list(items)
    had = {item.conversation for item in items if hand_of(item.hands, reviewer.pk)}
    return [
        item
        for item in items
        if item.is_gold and item.state in OPEN and item.conversation not in had and not reviewer.knows_gold
    ]


def turn_of(items: Iterable[Item], reviewer: Reviewer) -> int:
    """Return the number of the reviewer's next turn in the queue of these items."""
    return sum(hand_of(item.hands, reviewer.pk) is not None for item in items)


def _rank(item: Item, reviewer: Reviewer) -> int:
    """Put what they work on first, and what they have given back last."""
    own = hand_of(item.hands, reviewer.pk)
    if own is None:
        return 1
    return 0 if own.state == HandState.ACTIVE else 2


def place(reviewer: int, item: int) -> int:
    """Return the place of an item in the order of a reviewer."""
    factor, summand = numbers_of(reviewer)
    return (item % PRIME * factor + summand) % PRIME


def numbers_of(reviewer: int) -> tuple[int, int]:
    """Return the numbers that make the order of a reviewer. Each person's is another."""
    digest = hashlib.sha256(f"reviewer {reviewer}".encode()).digest()
    factor, summand = int.from_bytes(digest[:8]), int.from_bytes(digest[8:16])
    return factor % (PRIME - 1) + 1, summand % PRIME
