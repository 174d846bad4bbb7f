"""Find a person's pictures, the newest first, page by page."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Q

from vision_chat.models import Message, MessageImage, UploadedImage
from vision_chat.models.image import UploadedImageQuerySet
from vision_chat.services.images.perceptual_hash import FEATURELESS
from vision_chat.services.search import matching
from vision_chat.services.search.described import described
from vision_chat.services.search.fold import terms
from vision_chat.services.search.marks import owner_mark
from vision_chat.services.search.query import Query

PAGE_SIZE: Final = 60
"""Pictures of one page."""


class Position(NamedTuple):
    """The place of a picture among all: a page begins after it, whether or not it is still there."""

    created_at: datetime
    image_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pictures are asked for: all of them where nothing is given."""

    words: str = ""
    """Words of a question that shows it, of an answer to that, or of its name and alternative text.

    The last of them may have just begun.
    """
    like: uuid.UUID | None = None
    """A picture that they look like."""
    before: Position | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of pictures. `alike` is how many look alike, by look, where there are several."""

    images: Sequence[UploadedImage]
    alike: Mapping[int, int]
    next: Position | None


def find(user: AbstractBaseUser, wanted: Wanted) -> Found:
    """Return a page of the person's pictures that messages show."""
    page = list(_wanted(user, wanted).newest_first()[: PAGE_SIZE + 1])
    shown = page[:PAGE_SIZE]
    following = Position(shown[-1].created_at, shown[-1].pk) if len(page) > PAGE_SIZE else None
    return Found(shown, _alike(user, shown), following)


def count(user: AbstractBaseUser, wanted: Wanted) -> int:
    """Return the number of pictures on all pages."""
    return _wanted(user, wanted).count()


def ids(user: AbstractBaseUser, wanted: Wanted) -> list[uuid.UUID]:
    """Return the ids of the pictures on all pages."""
    return list(_wanted(user, wanted).newest_first().values_list("pk", flat=True))


def _wanted(user: AbstractBaseUser, wanted: Wanted) -> UploadedImageQuerySet:
    images = UploadedImage.objects.shown_to(user)
    if wanted.words:
        images = _with_words(images, user, wanted.words)
    if wanted.like is not None:
        images = _like(images, wanted.like)
    return images if wanted.before is None else images.before(*wanted.before)


def _with_words(images: UploadedImageQuerySet, user: AbstractBaseUser, words: str) -> UploadedImageQuerySet:
    sought = terms(words)
    if not sought:
        return images.none()
    matches = matching.every(matching.MESSAGES, Query(sought, [owner_mark(user.pk)]))
    said = Message.objects.sent().filter(pk__in=matches)
    of_said = MessageImage.objects.filter(message__in=said.values("pk"))
    of_asked = MessageImage.objects.filter(message__in=said.values("parent"))
    return images.filter(
        Q(pk__in=of_said.values("image"))
        | Q(pk__in=of_asked.values("image"))
        | Q(pk__in=described(user, sought).values("image"))
    )


def _like(images: UploadedImageQuerySet, image_id: uuid.UUID) -> UploadedImageQuerySet:
    sample = images.filter(pk=image_id).first()
    if sample is None:
        return images.none()
    if sample.look in (None, FEATURELESS):
        return images.filter(pk=image_id)
    return images.filter(look=sample.look)


def _alike(user: AbstractBaseUser, images: Sequence[UploadedImage]) -> Mapping[int, int]:
    looks = {image.look for image in images} - {None, FEATURELESS}
    shown = UploadedImage.objects.shown_to(user).filter(look__in=looks)
    counts = shown.order_by().values_list("look").annotate(count=Count("pk")).filter(count__gt=1)
    return {look: count for look, count in counts if look is not None}
