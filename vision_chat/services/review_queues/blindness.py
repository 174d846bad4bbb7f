"""Blindness: who sees which verdicts, and which decisions, wherever any are shown or sent.

Whoever reviews and does not decide sees those on an item of a blind queue after their own verdict there.
"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from vision_chat.models import Resolution, Review, ReviewItem, permissions
from vision_chat.models.moderation import ModerationVerdictQuerySet


def blind_id_of(person: AbstractBaseUser | AnonymousUser) -> int | None:
    """Return the number of somebody who reviews and does not decide; None for others, who see all."""
    has_perm = getattr(person, "has_perm", None)
    is_blind = has_perm is None or (
        has_perm(permissions.WORK_ITEMS) and not has_perm(permissions.RESOLVE_ITEMS)
    )
    return person.pk if is_blind else None


def seen_reviews(reviews: QuerySet[Review], blind_id: int | None) -> QuerySet[Review]:
    """Return those of these reviews that may be seen."""
    if blind_id is None:
        return reviews
    of_open = Q(assignment=None) | Q(assignment__item__in=_open_to(blind_id))
    return reviews.filter(Q(author=blind_id) | of_open)


def seen_resolutions(resolutions: QuerySet[Resolution], blind_id: int | None) -> QuerySet[Resolution]:
    """Return those of these decisions that may be seen."""
    return resolutions if blind_id is None else resolutions.filter(item__in=_open_to(blind_id))


def seen_moderation(
    found: ModerationVerdictQuerySet, blind_id: int | None, item: ReviewItem | None = None
) -> ModerationVerdictQuerySet:
    """Return those of these verdicts of models that may be seen: they bias as those of others do.

    On the page of an item that one counts, be it a gold one, elsewhere each real item of the conversation.
    """
    if blind_id is None or (item is not None and not item.version.settings.get("is_blind", True)):
        return found
    if item is not None:
        own = Review.every.filter(assignment__item=item, author=blind_id, is_current=True)
        return found.filter(Exists(own))
    items = ReviewItem.objects.filter(conversation=OuterRef("generation__message__conversation"))
    return found.exclude(Exists(items.exclude(pk__in=_open_to(blind_id).values("pk"))))


def _open_to(blind_id: int) -> QuerySet[ReviewItem]:
    """Return the items of queues that are not blind, and those on which this reviewer has a verdict."""
    own = Review.objects.filter(author=blind_id, is_current=True, assignment__isnull=False)
    return ReviewItem.objects.filter(
        Q(version__settings__is_blind=False) | Q(pk__in=own.order_by().values("assignment__item"))
    ).order_by()
