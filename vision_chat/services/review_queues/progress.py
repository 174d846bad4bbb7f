"""Progress of queues: a reviewer's own and that of all, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count
from django.utils import timezone

from vision_chat.models import Assignment, Queue, ReviewItem
from vision_chat.services.review_queues._waiting import queues_of, waiting_for
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
    """Return the progress of queues by their ids, in three queries."""
    ids = [queue.pk for queue in queues]
    own = Assignment.objects.filter(reviewer=reviewer.pk, state=HandState.DONE, item__queue__in=ids)
    done = dict(own.order_by().values_list("item__queue").annotate(Count("pk")))
    waiting = waiting_for(reviewer, timezone.now()).filter(queue__in=ids).order_by()
    counted = dict(waiting.values_list("queue").annotate(Count("pk")))
    states: dict[tuple[int, str], int] = {
        (queue, state): count
        for queue, state, count in ReviewItem.objects.filter(queue__in=ids)
        .order_by()
        .values_list("queue", "state")
        .annotate(Count("pk"))
    }

    def count(queue_id: int, *of: State) -> int:
        return sum(states.get((queue_id, state.value), 0) for state in of)

    return {
        pk: Progress(
            mine_done=done.get(pk, 0),
            mine_waiting=counted.get(pk, 0),
            team_done=count(pk, State.DONE, State.RESOLVED),
            team_total=count(pk, *(state for state in State if state != State.CLOSED)),
            awaiting_resolution=count(pk, State.AWAITING_RESOLUTION),
        )
        for pk in ids
    }
