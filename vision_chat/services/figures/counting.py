"""Which verdict on a conversation counts, as a pure rule: figures and exports go by it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A current review, or a decision. `item` is that of a review, None outside queues.

    It wants so many reviewers.
    """

    verdict: str
    moment: datetime
    pk: int
    item: int | None = None
    wanted: int = 1
    is_decision: bool = False


def that_counts(said: Iterable[Said]) -> Said | None:
    """Return what counts: the latest decision, else of finished items the latest review, else of others.

    An item is finished when all reviewers that it wants have said the same. One on which they disagree waits
    for its decision, and one that wants more reviewers waits for them.
    """
    decisions: list[Said] = []
    outside: list[Said] = []
    by_item: dict[int, list[Said]] = defaultdict(list)
    for each in said:
        if each.is_decision:
            decisions.append(each)
        elif each.item is None:
            outside.append(each)
        else:
            by_item[each.item].append(each)
    of_items = [each for reviews in by_item.values() if _are_finished(reviews) for each in reviews]
    return max(decisions or of_items or outside, key=lambda each: (each.moment, each.pk), default=None)


def _are_finished(reviews: list[Said]) -> bool:
    return len(reviews) >= reviews[0].wanted and len({each.verdict for each in reviews}) == 1
