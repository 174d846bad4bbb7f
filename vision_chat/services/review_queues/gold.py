"""Gold items: when a reviewer is handed one, and what their figures say, as pure rules.

A reviewer's turns in a queue are numbered by what they were handed there, gold or not. Whether a turn is for
a gold item follows from its number, so that asking again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from vision_chat.services.review_queues.agreement import Z_95
from vision_chat.services.review_queues.shares import is_within

FEW: Final = 10
"""Number of judged gold items below which a share says little."""
Answers = Mapping[str, Mapping[str, Any]]


def is_due(percent: int, queue: int, reviewer: int, turn: int) -> bool:
    """Tell whether this turn of a reviewer is for a gold item, if there is one for them."""
    return is_within(percent, "gold", queue, reviewer, turn)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may come to a reviewer, from a turn on: new real items, those they have given back, gold ones."""

    turn: int
    new: int
    given_back: int
    gold: int


def count_ahead(percent: int, queue: int, reviewer: int, ahead: Ahead) -> int:
    """Return how many of the gold items will have come when no real one waits any more.

    What was given back comes last, and takes no turn: it had one.
    """
    turn, new, found = ahead.turn, ahead.new, 0
    while percent and found < ahead.gold and (new or ahead.given_back):
        if is_due(percent, queue, reviewer, turn):
            found += 1
        elif new:
            new -= 1
        else:
            break
        turn += 1
    return found


def is_right(verdict: str, answers: Answers, known_verdict: str, known_answers: Answers) -> bool:
    """Tell whether a verdict is the known one, and so is each answer that is known."""
    return verdict == known_verdict and all(
        str(answers.get(key, {}).get("value", "")) == str(known["value"])
        for key, known in known_answers.items()
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some are so."""

    count: int
    of: int

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few for the share to say much."""
        return self.of < FEW

    @property
    def value(self) -> float | None:
        """Return the share; None where there is nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return Wilson's interval of 95 % (1927): it keeps a width where all or none are so."""
        if not self.of:
            return None
        share, z = self.count / self.of, Z_95**2 / self.of
        middle = (share + z / 2) / (1 + z)
        half = sqrt(share * (1 - share) * z + z * z / 4) / (1 + z)
        return max(0.0, middle - half), min(1.0, middle + half)
