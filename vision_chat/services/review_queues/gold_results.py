"""Figures of gold items: how many each reviewer has judged rightly, and which ones many got wrong."""

from collections import defaultdict
from dataclasses import dataclass

from vision_chat.models import KnownVerdict, Queue, Review, ReviewItem
from vision_chat.services.review_queues.gold import Share, is_right
from vision_chat.services.review_queues.states import State


@dataclass(frozen=True, slots=True)
class Judge:
    """A reviewer with the share of gold items that they have judged rightly."""

    name: str
    right: Share


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A gold item with the share of its reviewers who got it wrong. `pk` is that of what it was made of."""

    pk: int
    verdict: str
    tone: str
    wrong: Share
    is_flagged: bool

    @property
    def is_doubtful(self) -> bool:
        """Tell whether most got it wrong: then the known verdict may be."""
        return self.wrong.of > 1 and 2 * self.wrong.count > self.wrong.of


@dataclass(frozen=True, slots=True)
class Gold:
    people: list[Judge]
    items: list[GoldItem]


def of_queue(queue: Queue) -> Gold:
    """Return the figures of gold items, in two queries; first the items that most got wrong.

    One that was taken out counts no more, and one whose conversation was deleted for the reviewers alone.
    """
    in_use = KnownVerdict.objects.filter(item__queue=queue)
    in_use = in_use.exclude(item__closed_for=ReviewItem.ClosedFor.BY_HAND)
    known = {each.item_id: each for each in in_use.select_related("item__version__rubric_version")}
    reviews = Review.every.filter(is_gold=True, is_current=True, assignment__item__in=list(known))
    rows = reviews.order_by("author__username", "pk").values_list(
        "author__username", "assignment__item", "verdict", "answers"
    )
    of_people: dict[str, list[bool]] = defaultdict(list)
    of_items: dict[int, list[bool]] = defaultdict(list)
    for name, item, verdict, answers in rows:
        right = is_right(verdict, answers, known[item].verdict, known[item].answers)
        of_people[name].append(right)
        of_items[item].append(right)
    there = {pk: each for pk, each in known.items() if each.item.state != State.CLOSED}
    items = [_item(each, of_items[pk]) for pk, each in there.items()]
    return Gold(
        [Judge(name, Share(sum(right), len(right))) for name, right in of_people.items()],
        sorted(items, key=lambda item: (-(item.wrong.value or 0), -item.wrong.of, item.pk)),
    )


def _item(known: KnownVerdict, right: list[bool]) -> GoldItem:
    item = known.item
    assert item.gold_of_id is not None
    return GoldItem(
        pk=item.gold_of_id,
        verdict=known.verdict_label,
        tone=known.verdict_tone,
        wrong=Share(len(right) - sum(right), len(right)),
        is_flagged=item.is_flagged,
    )
