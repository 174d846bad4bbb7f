"""A person's pictures for people: by day, with what is said of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from vision_chat.models import UploadedImage
from vision_chat.services.presentation.images import ImageView


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture for the template `_picture.html`. `alike` is how many look like it, 0 where it is alone."""

    image: ImageView
    alike: int


@dataclass(frozen=True, slots=True)
class PicturesOfDay:
    """Pictures under one heading. `day` is its date, by which pages are joined."""

    day: str
    label: str
    pictures: list[PictureView]


def pictures_by_day(images: Sequence[UploadedImage], alike: Mapping[int, int]) -> list[PicturesOfDay]:
    """Group pictures, the newest first, by the day where the site is. `alike` are counts by look."""
    today = timezone.localdate()
    by_day = groupby(images, key=lambda image: timezone.localdate(image.created_at))
    return [
        PicturesOfDay(day.isoformat(), _label(day, today), [_view(image, alike) for image in own])
        for day, own in by_day
    ]


def _view(image: UploadedImage, alike: Mapping[int, int]) -> PictureView:
    return PictureView(ImageView.of(image), 0 if image.look is None else alike.get(image.look, 0))


def _label(day: date, today: date) -> str:
    if day >= today:
        return gettext("Today")
    return gettext("Yesterday") if day == today - timedelta(days=1) else date_format(day, "DATE_FORMAT")
