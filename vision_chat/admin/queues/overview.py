"""What the first page of the admin says of queues: to a reviewer what waits, to a lead how far they are."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Account
from django.db.models import Count, Q

from vision_chat.models import Queue, ReviewItem, permissions
from vision_chat.services.review_queues.work import count_waiting

State = ReviewItem.State
MOST = 8
"""Queues that the page shows."""
TO_DO, FINISHED = (State.WAITING, State.IN_REVIEW), (State.DONE, State.RESOLVED)


def queues_for(user: Account | AnonymousUser) -> dict[str, Any]:
    """Return the context, without what `user` may not see."""
    found: dict[str, Any] = {}
    if user.has_perm(permissions.WORK_ITEMS) and isinstance(user, Account):
        found["waiting_for_me"] = count_waiting(user)
    if user.has_perm(permissions.VIEW_ITEMS) and user.has_perm(permissions.VIEW_QUEUES):
        found["open_queues"] = with_counts(Queue.objects.filter(is_open=True)).order_by("name")[:MOST]
    return found


def with_counts(queues: Any) -> Any:
    """Count the items of each queue: `to_do`, `finished` and `to_resolve`."""
    return queues.annotate(
        to_do=_count(*TO_DO), finished=_count(*FINISHED), to_resolve=_count(State.AWAITING_RESOLUTION)
    )


def _count(*states: State) -> Count:
    return Count("items", filter=Q(items__state__in=states, items__gold_of=None))
