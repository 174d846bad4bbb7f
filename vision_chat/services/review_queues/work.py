"""A reviewer's work: each of their queues with what waits, what is in hand, and why nothing waits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Window
from django.db.models.functions import RowNumber

from vision_chat.models import Assignment, Queue, Review, ReviewItem
from vision_chat.services.review_queues import progress, versions
from vision_chat.services.review_queues.choice import PASSED_OVER
from vision_chat.services.review_queues.in_hand import Counts, closed_in, closed_in_hand, in_hand
from vision_chat.services.review_queues.progress import Progress
from vision_chat.services.review_queues.states import OPEN, HandState

LATELY = 5
"""Items of a queue that are shown of those that the reviewer has done."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Items of a queue that wait for others than this reviewer, by the first reason that holds."""

    ended_by_me: int = 0
    assigned_elsewhere: int = 0
    in_other_hands: int = 0

    @property
    def total(self) -> int:
        return self.ended_by_me + self.assigned_elsewhere + self.in_other_hands


@dataclass(frozen=True, slots=True)
class Work:
    """A queue as one of its reviewers sees it."""

    queue: Queue
    progress: Progress
    unfinished: Unfinished
    required_question: str = ""
    """One that must be answered beside the verdict, so that items are judged one by one."""
    in_hand: list[Assignment] = field(default_factory=list)
    closed_in_hand: Counts = field(default_factory=dict)
    closed: Counts = field(default_factory=dict)
    done_lately: list[Assignment] = field(default_factory=list)

    @property
    def mine_total(self) -> int:
        """Return how many there are for the reviewer, as far as can be said now."""
        return self.progress.mine_done + self.progress.mine_waiting


def work_of(reviewer: AbstractBaseUser) -> list[Work]:
    """Return the reviewer's open queues, in a fixed number of queries; first those with something to do."""
    queues = list(progress.queues_of(reviewer).order_by("name"))
    found = progress.of_queues(queues, reviewer)
    unfinished = _unfinished(reviewer, queues, found)
    held = _by_queue(in_hand(reviewer, queues).select_related("item"))
    closed, closed_held = closed_in(queues), closed_in_hand(reviewer, queues)
    done = _done_lately(reviewer, queues)
    required = versions.required_questions(queues)
    works = [
        Work(
            queue=queue,
            progress=found[queue.pk],
            unfinished=unfinished[queue.pk],
            required_question=required.get(queue.pk, ""),
            in_hand=held[queue.pk],
            closed_in_hand=closed_held[queue.pk],
            closed=closed[queue.pk],
            done_lately=done[queue.pk],
        )
        for queue in queues
    ]
    return sorted(works, key=lambda work: not work.progress.mine_waiting)


def count_waiting(reviewer: AbstractBaseUser) -> int:
    """Return how many items wait for the reviewer in all queues."""
    found = progress.of_queues(progress.queues_of(reviewer), reviewer)
    return sum(each.mine_waiting for each in found.values())


def _unfinished(
    reviewer: AbstractBaseUser, queues: list[Queue], found: Mapping[int, Progress]
) -> dict[int, Unfinished]:
    own = Assignment.objects.filter(item=OuterRef("pk"), reviewer=reviewer.pk, state__in=PASSED_OVER)
    groups = Group.objects.filter(user=reviewer.pk).values("pk")
    elsewhere = Q(assigned_person__isnull=False) & ~Q(assigned_person=reviewer.pk)
    elsewhere |= Q(assigned_group__isnull=False) & ~Q(assigned_group__in=groups)
    items = ReviewItem.objects.filter(queue__in=queues, state__in=OPEN).order_by()
    rows = (
        items.annotate(ended=Exists(own))
        .values("queue")
        .annotate(
            open=Count("pk"),
            by_me=Count("pk", filter=Q(ended=True)),
            for_others=Count("pk", filter=Q(ended=False) & elsewhere),
        )
    )
    counts: dict[int, Any] = {row["queue"]: row for row in rows}
    return {queue.pk: _reasons(counts.get(queue.pk), found[queue.pk].mine_waiting) for queue in queues}


def _reasons(counts: Mapping[str, int] | None, waiting: int) -> Unfinished:
    if counts is None:
        return Unfinished()
    by_me, for_others = counts["by_me"], counts["for_others"]
    return Unfinished(by_me, for_others, max(0, counts["open"] - by_me - for_others - waiting))


def _done_lately(reviewer: AbstractBaseUser, queues: list[Queue]) -> dict[int, list[Assignment]]:
    place = Window(RowNumber(), partition_by="item__queue", order_by=[F("ended_at").desc(), F("pk").desc()])
    done = Assignment.objects.filter(reviewer=reviewer.pk, state=HandState.DONE, item__queue__in=queues)
    latest = done.annotate(place=place).filter(place__lte=LATELY)
    reviews = Review.every.filter(is_current=True).select_related("rubric_version")
    joined = latest.select_related("item").prefetch_related(Prefetch("reviews", reviews))
    return _by_queue(joined.order_by("-ended_at", "-pk"))


def _by_queue(assignments: Iterable[Assignment]) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        found[assignment.item.queue_id].append(assignment)
    return found
