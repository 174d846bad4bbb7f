"""Results of a queue, in a fixed number of queries: states, verdicts, people, what awaits resolution."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext

from vision_chat.models import Assignment, Conversation, Queue, Resolution, Review, ReviewItem, RubricVersion
from vision_chat.services.review_queues.blindness import seen_resolutions
from vision_chat.services.review_queues.states import HandState, State


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How often a verdict was given; `percent` of all."""

    label: str
    tone: str
    count: int
    percent: int


@dataclass(slots=True)
class Person:
    """What a reviewer has done in the queue, with the verdicts that they gave."""

    name: str
    done: int = 0
    in_hand: int = 0
    skipped: int = 0
    verdicts: list[VerdictCount] = field(default_factory=list)


def states_of(queue: Queue) -> list[tuple[str, str, int]]:
    """Return each state with its name and the number of items in it."""
    counts = dict(queue.items.order_by().values_list("state").annotate(Count("pk")))
    return [(state.value, str(state.label), counts.get(state.value, 0)) for state in ReviewItem.State]


def verdicts_of(queue: Queue) -> list[VerdictCount]:
    """Return how often each verdict was given by reviewers, in the order of the rubric."""
    rows = _current(queue).values_list("verdict").annotate(Count("pk"))
    return _counted(dict(rows), _names(queue))


def people_of(queue: Queue) -> list[Person]:
    """Return the reviewers who have or had items of the queue."""
    hands = Assignment.objects.filter(item__queue=queue, item__gold_of=None).order_by()
    rows = list(hands.values_list("reviewer", "state").annotate(Count("pk")))
    given: dict[int, dict[str, int]] = defaultdict(dict)
    for author, verdict, count in _current(queue).values_list("author", "verdict").annotate(Count("pk")):
        given[author][verdict] = count
    names = dict(User.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", "username"))
    people = {pk: Person(name) for pk, name in sorted(names.items(), key=lambda each: each[1])}
    for pk, state, count in rows:
        if state == HandState.DONE:
            people[pk].done = count
        elif state == HandState.ACTIVE:
            people[pk].in_hand = count
        elif state == HandState.SKIPPED:
            people[pk].skipped = count
    labels = _names(queue)
    for value in {value for counts in given.values() for value in counts}:
        labels.setdefault(value, (value, ""))
    for pk, person in people.items():
        person.verdicts = _counted(given[pk], labels)
    return list(people.values())


def disputed(queue: Queue) -> QuerySet[ReviewItem]:
    """Return the items on which reviewers disagree, those that wait longest first, with the verdicts."""
    reviews = Review.objects.filter(is_current=True).select_related("rubric_version")
    hands = (
        Assignment.objects.filter(state=HandState.DONE)
        .select_related("reviewer")
        .order_by("reviewer__username")
    )
    hands = hands.prefetch_related(Prefetch("reviews", reviews))
    items = queue.items.filter(state=State.AWAITING_RESOLUTION).order_by("changed_at", "pk")
    return items.prefetch_related(Prefetch("assignments", hands))


def next_disputed(item: ReviewItem) -> int | None:
    """Return the id of another item of the queue that awaits resolution, of the one that waits longest."""
    waiting = ReviewItem.objects.filter(queue=item.queue_id, state=State.AWAITING_RESOLUTION)
    others = waiting.exclude(pk=item.pk).order_by("changed_at", "pk")
    return others.values_list("pk", flat=True).first()


def decisions_on(conversation: Conversation, blind_id: int | None) -> list[Resolution]:
    """Return the decisions that count on items of a conversation, one an item, the latest first.

    `blind_id` as in `blindness`.
    """
    on_items = Resolution.objects.filter(item__conversation=conversation)
    made = seen_resolutions(on_items, blind_id).order_by("pk")
    by_item = {each.item_id: each for each in made.select_related("author", "item__version__rubric_version")}
    return sorted(by_item.values(), key=lambda decision: -decision.pk)


def _current(queue: Queue) -> QuerySet[Review]:
    return Review.objects.filter(assignment__item__queue=queue, is_current=True).order_by()


def _names(queue: Queue) -> dict[str, tuple[str, str]]:
    """Return names and tones by the values of all versions that the queue has had; the latest one counts."""
    used = queue.versions.values("rubric_version")
    definitions = (
        RubricVersion.objects.filter(pk__in=used).order_by("-pk").values_list("definition", flat=True)
    )
    found: dict[str, tuple[str, str]] = {}
    for definition in definitions:
        for verdict in definition["verdicts"]:
            found.setdefault(verdict["value"], (gettext(verdict["label"]), verdict["tone"]))
    return found


def _counted(counts: dict[str, int], names: dict[str, tuple[str, str]]) -> list[VerdictCount]:
    total = sum(counts.values())
    # those that were never given are part of the distribution, as long as the rubric has them
    values = [*names, *(value for value in counts if value not in names)]
    return [
        VerdictCount(
            *names.get(value, (value, "")), counts.get(value, 0), _percent(counts.get(value, 0), total)
        )
        for value in values
    ]


def _percent(count: int, total: int) -> int:
    return round(100 * count / total) if total else 0
