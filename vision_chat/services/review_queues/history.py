"""What a reviewer has done in a queue, to be looked at and changed again."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Prefetch, Q, QuerySet

from vision_chat.models import Assignment, Queue, Review
from vision_chat.models.conversation import unsealed
from vision_chat.services.review_queues.states import HandState


def done_by(reviewer: AbstractBaseUser, queue: Queue) -> QuerySet[Assignment]:
    """Return what the reviewer has done or withdrawn in the queue, the latest first, with its reviews."""
    reviews = Review.every.select_related("rubric_version").order_by("-pk")
    ended = Assignment.objects.filter(
        reviewer=reviewer.pk, item__queue=queue, state__in=[HandState.DONE, HandState.WITHDRAWN]
    )
    joined = ended.select_related("item__conversation", "item__queue")
    return joined.prefetch_related(Prefetch("reviews", reviews)).order_by("-ended_at", "-pk")


def before(assignment: Assignment) -> Assignment | None:
    """Return what the reviewer did before this one in its queue: the latest where they still work on it."""
    done = _around(assignment).order_by("-ended_at", "-pk")
    if assignment.ended_at is None:
        return done.first()
    is_same_moment = Q(ended_at=assignment.ended_at, pk__lt=assignment.pk)
    return done.filter(Q(ended_at__lt=assignment.ended_at) | is_same_moment).first()


def after(assignment: Assignment) -> Assignment | None:
    """Return what the reviewer did after this one in its queue; None where nothing is after it."""
    if assignment.ended_at is None:
        return None
    later = Q(ended_at__gt=assignment.ended_at) | Q(ended_at=assignment.ended_at, pk__gt=assignment.pk)
    return _around(assignment).filter(later).order_by("ended_at", "pk").first()


def _around(assignment: Assignment) -> QuerySet[Assignment]:
    same = Assignment.objects.filter(reviewer=assignment.reviewer_id, item__queue=assignment.item.queue_id)
    # what its owner has deleted or sealed since cannot be looked at
    there = same.filter(unsealed("item__conversation"), item__conversation__deleted_at=None)
    there = there.exclude(item__conversation=None)
    return there.filter(state=HandState.DONE).exclude(pk=assignment.pk).select_related("item")
