"""Who reviews, and the items of a queue that have nobody left to review them."""

from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from vision_chat.models import Assignment, Queue, ReviewItem
from vision_chat.services.review_queues.choice import PASSED_OVER
from vision_chat.services.review_queues.states import OPEN, HandState

_RIGHT = {"content_type__app_label": "vision_chat", "codename": "work_reviewitem"}


def reviewers() -> QuerySet[User]:
    """Return those who may be given items."""
    by_right = Q(**{f"user_permissions__{name}": value for name, value in _RIGHT.items()})
    by_group = Q(**{f"groups__permissions__{name}": value for name, value in _RIGHT.items()})
    return User.objects.filter(Q(is_superuser=True) | by_right | by_group, is_active=True, is_staff=True)


def reviewing_groups() -> QuerySet[Group]:
    """Return the groups whose people may be given items."""
    by_right = {f"permissions__{name}": value for name, value in _RIGHT.items()}
    return Group.objects.filter(**by_right).distinct().order_by("name")


def left_alone(queue: Queue) -> QuerySet[ReviewItem]:
    """Return the open items that are in no hand and wait for nobody, the oldest first, with their hands.

    All who could take one have ended it themselves, or do not work on this queue. A closed queue has none.
    """
    if not queue.is_open:
        return ReviewItem.objects.none()
    passed_over = Assignment.objects.filter(item=OuterRef(OuterRef("pk")), state__in=PASSED_OVER)
    # by their ids: to look up who reviews at each item would take long
    free = User.objects.filter(pk__in=_ids_of(queue)).exclude(pk__in=passed_over.values("reviewer"))
    in_hand = Assignment.objects.filter(item=OuterRef("pk"), state=HandState.ACTIVE)
    items = queue.items.filter(
        Q(assigned_person__isnull=False) | Q(assigned_group__isnull=False) | ~Exists(free),
        ~Exists(free.filter(pk=OuterRef("assigned_person"))),
        ~Exists(free.filter(groups=OuterRef("assigned_group"))),
        ~Exists(in_hand),
        state__in=OPEN,
    )
    hands = Assignment.objects.select_related("reviewer").order_by("reviewer__username")
    joined = items.select_related("assigned_person", "assigned_group").order_by("pk")
    return joined.prefetch_related(Prefetch("assignments", hands))


def _ids_of(queue: Queue) -> list[int]:
    """Return those who work on the queue."""
    works = Q(pk__in=queue.people.values("pk")) | Q(groups__in=queue.groups.values("pk"))
    is_for_all = not (queue.people.exists() or queue.groups.exists())
    found = reviewers() if is_for_all else reviewers().filter(works)
    return list(found.order_by("pk").values_list("pk", flat=True).distinct())
