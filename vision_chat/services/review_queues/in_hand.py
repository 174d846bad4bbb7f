"""What a reviewer has in hand: what may be worked on, and what was closed there.

The draft of what was closed stays, and comes again when its owner opens or restores the conversation.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from vision_chat.models import Assignment, Queue, ReviewItem
from vision_chat.models.conversation import unsealed
from vision_chat.services.review_queues.states import State

ClosedFor = ReviewItem.ClosedFor
Counts = dict[str, int]
"""Items that were closed, by the values of `ReviewItem.ClosedFor`."""


def in_hand(reviewer: AbstractBaseUser, queues: Iterable[Queue]) -> QuerySet[Assignment]:
    """Return what the reviewer works on in these queues and may read, in the order of handing out."""
    held = _held(reviewer, queues).filter(_is_readable())
    return held.exclude(item__state=State.CLOSED).order_by("began_at", "pk")


def closed_in_hand(reviewer: AbstractBaseUser, queues: Iterable[Queue]) -> dict[int, Counts]:
    """Return how many items were closed while the reviewer worked on them, by queue and reason."""
    reason = Case(
        When(~Q(item__closed_for=""), then=F("item__closed_for")),
        When(_is_there(), then=Value(ClosedFor.SEALED)),
        default=Value(ClosedFor.DELETED),
    )
    closed = _held(reviewer, queues).filter(Q(item__state=State.CLOSED) | ~_is_readable())
    rows = closed.annotate(reason=reason).order_by().values_list("item__queue", "reason")
    found: dict[int, Counts] = defaultdict(dict)
    for queue, why, count in rows.annotate(count=Count("pk")):
        found[queue][why] = count
    return found


def closed_in(queues: Iterable[Queue]) -> dict[int, Counts]:
    """Return how many items were closed, by queue and reason."""
    closed = ReviewItem.objects.filter(queue__in=queues, state=State.CLOSED).order_by()
    found: dict[int, Counts] = defaultdict(dict)
    for queue, why, count in closed.values_list("queue", "closed_for").annotate(Count("pk")):
        found[queue][why] = count
    return found


def _held(reviewer: AbstractBaseUser, queues: Iterable[Queue]) -> QuerySet[Assignment]:
    return Assignment.objects.in_work_of(reviewer).filter(item__queue__in=queues)


def _is_there() -> Q:
    return Q(item__conversation__isnull=False, item__conversation__deleted_at=None)


def _is_readable() -> Q:
    return _is_there() & unsealed("item__conversation")
