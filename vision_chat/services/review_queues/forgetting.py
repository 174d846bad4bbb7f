"""Removal of what was said of gold items: without them it would look as if it were about conversations."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet

from vision_chat.models import Annotation, Assignment, Correction, Review, ReviewItem


def forget(items: QuerySet[ReviewItem], *, by: AbstractBaseUser | None = None) -> None:
    """Remove the verdicts, corrections and annotations at these gold items, all or those of one person."""
    hands = Assignment.objects.filter(item__in=items.order_by().values("pk"))
    ids = list((hands if by is None else hands.filter(reviewer=by.pk)).values_list("pk", flat=True))
    if ids:
        at_items = Q(assignment__in=ids)
        Review.every.filter(at_items).delete()
        Correction.objects.filter(at_items).delete()
        Annotation.objects.filter(at_items).delete()
