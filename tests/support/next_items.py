"""The rule of a reviewer's next item over plain data, to which tests hold the SQL of `review_queues`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from vision_chat.services.review_queues.choice import PRIME, Item, Reviewer, numbers_of, waits_for
from vision_chat.services.review_queues.gold import is_due
from vision_chat.services.review_queues.states import OPEN, HandState, hand_of


@dataclass(frozen=True, slots=True)
class Mix:
    """The queue that items are of, and how many gold ones of a hundred are mixed in."""

    queue: int = 0
    percent: int = 0


def next_of(items: Collection[Item], reviewer: Reviewer, now: datetime, mix: Mix = Mix()) -> Item | None:
    """Return the item that comes next for this reviewer, None where none waits for them.

    It is a gold one where something else waits, nothing is in their hand, and it is the turn of one.
    """
    waiting = [item for item in items if waits_for(item, reviewer, now)]
    if not waiting:
        return None
    is_in_hand = any(_rank(item, reviewer) == 0 for item in waiting)
    if not is_in_hand and is_due(mix.percent, mix.queue, reviewer.pk, _turn_of(items, reviewer)):
        waiting = gold_for(items, reviewer) or waiting
    return min(waiting, key=lambda item: (_rank(item, reviewer), place(reviewer.pk, item.pk)))


def gold_for(items: Iterable[Item], reviewer: Reviewer) -> list[Item]:
    """Return the gold items of a queue that may come to this reviewer, who has had nothing of the same."""
    items = list(items)
    had = {item.conversation for item in items if hand_of(item.hands, reviewer.pk)}
    may = [item for item in items if item.is_gold and item.state in OPEN]
    return [item for item in may if item.conversation not in had]


def place(reviewer: int, item: int) -> int:
    """Return the place of an item in the order of a reviewer."""
    factor, summand = numbers_of(reviewer)
    return (item % PRIME * factor + summand) % PRIME


def _turn_of(items: Iterable[Item], reviewer: Reviewer) -> int:
    """Return the number of the reviewer's next turn in the queue of these items."""
    return sum(hand_of(item.hands, reviewer.pk) is not None for item in items)


def _rank(item: Item, reviewer: Reviewer) -> int:
    """Put what they work on first, and what they have given back last."""
    own = hand_of(item.hands, reviewer.pk)
    if own is None:
        return 1
    return 0 if own.state == HandState.ACTIVE else 2
