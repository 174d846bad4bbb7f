"""Progress of queues: a reviewer's own and that of all, in a fixed number of queries.

A reviewer who cannot know which items are gold sees figures that tell no difference: each that they have had
or that will come counts like any other. For whoever decides only real ones do.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from vision_chat.models import Assignment, Queue, ReviewItem
from vision_chat.services.review_queues._waiting import gold_for, knows_gold, queues_of, waiting_for
from vision_chat.services.review_queues.gold import Ahead, count_ahead
from vision_chat.services.review_queues.states import HandState, State

__all__ = ["Progress", "of_queue", "of_queues", "queues_of"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a queue is. Items that were closed do not count for the team."""

    mine_done: int = 0
    mine_waiting: int = 0
    team_done: int = 0
    team_total: int = 0
    awaiting_resolution: int = 0


def of_queue(queue: Queue, reviewer: AbstractBaseUser) -> Progress:
    """Return the progress of a queue as a reviewer sees it."""
    return of_queues([queue], reviewer)[queue.pk]


def of_queues(queues: Iterable[Queue], reviewer: AbstractBaseUser) -> dict[int, Progress]:
    """Return the progress of queues by their ids, in three queries; in five where there are gold items."""
    by_id = {queue.pk: queue for queue in queues}
    own = Assignment.objects.filter(reviewer=reviewer.pk, item__queue__in=by_id).order_by()
    handed: Counter[int] = Counter()
    done: Counter[int] = Counter()
    for pk, state, count in own.values_list("item__queue", "state").annotate(Count("pk")):
        handed[pk] += count
        done[pk] += count if state == HandState.DONE else 0
    waiting = _counts(reviewer, list(by_id))
    states: dict[int, Counter[str]] = defaultdict(Counter)
    items = ReviewItem.objects.filter(queue__in=by_id).order_by()
    for pk, state, count in items.values_list("queue", "state").annotate(Count("pk")):
        states[pk][state] = count
    found = {
        pk: Progress(
            mine_done=done[pk],
            mine_waiting=waiting[pk].total,
            team_done=states[pk][State.DONE] + states[pk][State.RESOLVED],
            team_total=states[pk].total() - states[pk][State.CLOSED],
            awaiting_resolution=states[pk][State.AWAITING_RESOLUTION],
        )
        for pk in by_id
    }
    if not any(queue.gold_percent for queue in by_id.values()) or knows_gold(reviewer):
        return found
    return _with_gold(found, by_id, reviewer, handed, waiting)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Items that wait for the reviewer; of these, those they never had, and those they have given back."""

    total: int = 0
    new: int = 0
    given_back: int = 0


def _counts(reviewer: AbstractBaseUser, ids: list[int]) -> dict[int, _Counts]:
    own = Assignment.objects.filter(item=OuterRef("pk"), reviewer=reviewer.pk)
    items = waiting_for(reviewer, timezone.now()).filter(queue__in=ids).order_by()
    items = items.annotate(is_had=Exists(own), is_active=Exists(own.filter(state=HandState.ACTIVE)))
    rows = items.values("queue").annotate(
        total=Count("pk"),
        new=Count("pk", filter=Q(is_had=False)),
        given_back=Count("pk", filter=Q(is_had=True, is_active=False)),
    )
    counts = rows.values_list("queue", "total", "new", "given_back")
    return defaultdict(_Counts, {pk: _Counts(*of_one) for pk, *of_one in counts})


def _with_gold(
    found: dict[int, Progress],
    queues: dict[int, Queue],
    reviewer: AbstractBaseUser,
    handed: Counter[int],
    waiting: dict[int, _Counts],
) -> dict[int, Progress]:
    """Count gold items as if they were real: those that the reviewer had, and those that will come."""
    ready = gold_for(reviewer).filter(queue__in=queues).order_by()
    gold: Counter[int] = Counter(dict(ready.values_list("queue").annotate(Count("pk"))))
    done, had = _gold_had_by(reviewer, list(queues))
    changed = {}
    for pk, progress in found.items():
        there = Ahead(handed[pk], waiting[pk].new, waiting[pk].given_back, gold[pk])
        ahead = count_ahead(queues[pk].gold_percent, pk, reviewer.pk, there)
        changed[pk] = replace(
            progress,
            mine_waiting=progress.mine_waiting + ahead,
            team_done=progress.team_done + done[pk],
            team_total=progress.team_total + had[pk] + ahead,
        )
    return changed


def _gold_had_by(reviewer: AbstractBaseUser, ids: list[int]) -> tuple[Counter[int], Counter[int]]:
    """Count the gold items that the reviewer had: those that would be done if they were real, and all."""
    own = Assignment.objects.filter(reviewer=reviewer.pk, item=OuterRef("pk"))
    items = ReviewItem.every.filter(Exists(own), queue__in=ids, gold_of__isnull=False)
    judged = Count("assignments", filter=Q(assignments__state=HandState.DONE))
    rows = (
        items.exclude(state=State.CLOSED)
        .order_by()
        .annotate(judged=judged, is_judged_by_me=Exists(own.filter(state=HandState.DONE)))
    )
    done: Counter[int] = Counter()
    had: Counter[int] = Counter()
    for pk, wanted, count, is_mine in rows.values_list(
        "queue", "reviewers_wanted", "judged", "is_judged_by_me"
    ):
        had[pk] += 1
        done[pk] += is_mine and count >= wanted
    return done, had
