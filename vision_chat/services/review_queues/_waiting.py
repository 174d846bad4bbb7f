"""What waits for a reviewer, in SQL: the rule of `choice`, for queues of any length."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, PermissionsMixin
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from vision_chat.models import Assignment, Queue, ReviewItem, permissions
from vision_chat.services.review_queues.blindness import blind_id_of
from vision_chat.services.review_queues.choice import PASSED_OVER, PRIME, numbers_of
from vision_chat.services.review_queues.states import OPEN, HandState, State


def queues_of(reviewer: AbstractBaseUser) -> QuerySet[Queue]:
    """Return the open queues that the reviewer works on."""
    return Queue.objects.worked_on_by(reviewer.pk)


def groups_of(reviewer: AbstractBaseUser) -> QuerySet[Group, int]:
    """Return the ids of the groups that the reviewer is in."""
    return Group.objects.filter(user=reviewer.pk).values_list("pk", flat=True)


def waiting_for(reviewer: AbstractBaseUser, now: datetime) -> QuerySet[ReviewItem]:
    """Return the items of all queues that wait for the reviewer, also those that they work on.

    A gold item does so once they have had it: one that was given back comes again, like any other.
    """
    own = Assignment.objects.filter(reviewer=reviewer.pk)
    is_for = Q(assigned_person=None) | Q(assigned_person=reviewer.pk)
    is_for &= Q(assigned_group=None) | Q(assigned_group__in=groups_of(reviewer))
    is_mine = Q(pk__in=own.filter(state=HandState.ACTIVE).values("item"))
    had = own.filter(item__gold_of__isnull=False)
    if not knows_gold(reviewer):
        is_mine |= Q(pk__in=had.filter(state=HandState.EXPIRED).values("item"))
    is_new = Q(gold_of=None) & ~Q(pk__in=had.values("item__gold_of"))
    is_new &= ~Q(pk__in=own.filter(state__in=PASSED_OVER).values("item")) & ~Q(pk__in=_full(reviewer, now))
    items = ReviewItem.every.filter(state__in=OPEN, queue__in=queues_of(reviewer).values("pk"))
    return items.filter(is_for).filter(is_mine | is_new)


def knows_gold(reviewer: AbstractBaseUser) -> bool:
    """Tell whether somebody sees which items are gold: who decides, and who opens any by its number."""
    return blind_id_of(reviewer) is None or (
        isinstance(reviewer, PermissionsMixin) and reviewer.has_perm(permissions.VIEW_ITEMS)
    )


def gold_for(reviewer: AbstractBaseUser) -> QuerySet[ReviewItem]:
    """Return the gold items of their queues that may come to a reviewer, who has had nothing of the same."""
    if knows_gold(reviewer):
        return ReviewItem.every.none()
    own = Assignment.objects.filter(reviewer=reviewer.pk, item__queue=OuterRef("queue"))
    had = own.filter(item__conversation=OuterRef("conversation"))
    items = ReviewItem.every.filter(state__in=OPEN, queue__in=queues_of(reviewer).values("pk"))
    return items.filter(~Exists(had), gold_of__isnull=False)


def in_order(items: QuerySet[ReviewItem], reviewer: AbstractBaseUser) -> QuerySet[ReviewItem]:
    """Order items as this reviewer gets them: what they work on first, what they have given back last."""
    own = Assignment.objects.filter(reviewer=reviewer.pk)
    rank = Case(
        When(pk__in=own.filter(state=HandState.ACTIVE).values("item"), then=Value(0)),
        When(pk__in=own.filter(state=HandState.EXPIRED).values("item"), then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    factor, summand = numbers_of(reviewer.pk)
    return items.order_by(rank, (F("pk") % PRIME * factor + summand) % PRIME)


def _full(reviewer: AbstractBaseUser, now: datetime) -> QuerySet[Assignment, int]:
    """Return the ids of the items that have no place beside the others who are done or hold a lease.

    All of them are in review: one that waits is in no hand.
    """
    holds = Q(state=HandState.DONE) | Q(state=HandState.ACTIVE, expires_at__gt=now)
    others = Assignment.objects.filter(holds, item__state=State.IN_REVIEW).exclude(reviewer=reviewer.pk)
    counted = others.values("item").annotate(count=Count("pk"))
    return counted.filter(count__gte=F("item__reviewers_wanted")).values_list("item", flat=True)
