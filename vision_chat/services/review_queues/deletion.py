"""Deletion of a queue: its items go, and the verdicts that were given in it stay with their conversations."""

from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from vision_chat.models import Assignment, Queue, Review, ReviewItem
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues.forgetting import forget
from vision_chat.services.review_queues.states import HandState

AT_ONCE: Final = 500
"""Conversations whose figures are counted anew together."""


class QueueContents(NamedTuple):
    items: int
    in_hand: int
    reviews: int


def contents_of(queue: Queue) -> QueueContents:
    """Count what the deletion of the queue is about. The reviews stay."""
    assignments = Assignment.objects.filter(item__queue=queue, item__gold_of=None, state=HandState.ACTIVE)
    return QueueContents(
        queue.items.count(), assignments.count(), Review.objects.filter(assignment__item__queue=queue).count()
    )


@transaction.atomic
def delete_queue(queue: Queue) -> None:
    """Delete a queue with its items. Of each author and conversation the latest review stays current.

    What was said of gold items goes.
    """
    of_queue = Review.objects.filter(assignment__item__queue=queue).order_by()
    reviewed = list(of_queue.values_list("conversation", flat=True).distinct())
    _make_earlier_ones_records(queue)
    forget(ReviewItem.every.filter(queue=queue, gold_of__isnull=False))
    ReviewItem.every.filter(queue=queue).delete()  # they protect the versions
    queue.versions.all().delete()
    queue.delete()
    # its decisions are gone, and its reviews count on their own
    for start in range(0, len(reviewed), AT_ONCE):
        figures.update(*reviewed[start : start + AT_ONCE])


def _make_earlier_ones_records(queue: Queue) -> None:
    """Keep one of an author and conversation current among those that will have no assignment."""
    in_queue = Q(assignment__item__queue=queue)
    current = Review.objects.filter(in_queue | Q(assignment=None), is_current=True)
    same = current.filter(conversation=OuterRef("conversation"), author=OuterRef("author"))
    is_latest = ~Exists(same.filter(pk__gt=OuterRef("pk")))
    joins_others = Exists(same.filter(in_queue))
    earlier = current.filter(joins_others).exclude(is_latest).values_list("pk", flat=True)
    Review.objects.filter(pk__in=list(earlier)).update(is_current=False)
