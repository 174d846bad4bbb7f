"""Images for people: their addresses and sizes, for templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, ngettext

from vision_chat.models import Message, MessageImage, Region, UploadedImage
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.removed import RemovedData

_SIDES: Final = ("x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class RegionView:
    """A region of an attached image, as a chip."""

    letter: str
    label: str
    """Where it is, as a sentence."""

    @classmethod
    def of(cls, region: Region) -> Self:
        words = gettext(
            "Area %(letter)s: %(x)s%% from the left, %(y)s%% from the top, "
            "%(width)s%% wide, %(height)s%% high"
        )
        sides = {name: number_format(round(100 * getattr(region, name))) for name in _SIDES}
        return cls(region.letter, words % {"letter": region.letter, **sides})


@dataclass(frozen=True, slots=True)
class ImageView:
    """An attached image for the template `_message.html`."""

    id: str
    name: str
    width: int
    height: int
    thumbnail_width: int
    thumbnail_height: int
    thumbnail_url: str
    original_url: str
    model_url: str
    """Of the copy for the model; of all of them, with blanks between, where several were sent."""
    size_label: str
    ground: str
    """The ground on which transparent parts of the original are shown; "" where there are none."""
    notes: list[str]
    """Sentences about how it was taken."""
    removed: list[str]
    """Sentences about what the upload had and this has not."""
    alt: str
    """Its alternative text, "" where it has none."""
    choice: dict[str, object]
    """The person's choice about it, as `AttachmentChoice` has it; empty where the whole is shown."""
    regions: list[RegionView]
    """The places in it that the message asks about."""

    @classmethod
    def of(cls, image: UploadedImage, attachment: MessageImage | None = None) -> Self:
        """View an image, where it is attached with what was chosen for that message."""
        return cls(
            id=str(image.pk),
            name=image.name,
            width=image.width,
            height=image.height,
            thumbnail_width=image.thumbnail_width,
            thumbnail_height=image.thumbnail_height,
            thumbnail_url=reverse("image", args=[image.pk, "thumbnail"]),
            original_url=reverse("image", args=[image.pk, "original"]),
            model_url=reverse("image_copy", args=[image.pk]),
            size_label=f"{image.width} × {image.height}, {filesizeformat(image.original_bytes)}",
            ground=image.ground,
            notes=[_sentence(code, image) for code in image.notes if code in NOTES],
            removed=list(_removed(image)),
            alt=image.alt_text,
            choice=_choice(attachment) if attachment else {},
            regions=[RegionView.of(region) for region in attachment.regions.all()] if attachment else [],
        )

    @property
    def choice_json(self) -> str:
        """The choice for a script; "" where there is none."""
        return json.dumps(self.choice) if self.choice else ""


def question_choices(message: Message) -> dict[str, object]:
    """Return what was chosen for the whole question, as `ImageChoices` has it; empty if all is as usual."""
    choices: dict[str, object] = {}
    if not message.has_canvas:
        choices["has_canvas"] = False
    if message.earlier_images:
        choices["earlier_images"] = message.earlier_images
    return choices


def _choice(attachment: MessageImage) -> dict[str, object]:
    choice: dict[str, object] = {}
    if attachment.detail != MessageImage.Detail.FIT:
        choice["detail"] = attachment.detail
    if attachment.tiles is not None:
        choice["tiles"] = attachment.tiles
    if regions := [region.as_choice() for region in attachment.regions.all()]:
        choice["regions"] = regions
    return choice


def uploaded_json(image: UploadedImage) -> dict[str, object]:
    """Return what a page shows of an image that was not sent yet."""
    view = ImageView.of(image)
    return {
        "id": view.id,
        "name": view.name,
        "width": view.width,
        "height": view.height,
        "thumbnail_url": view.thumbnail_url,
        "notes": view.notes,
        "removed": view.removed,
    }


NOTES: Final[dict[str, str]] = {
    ImageNote.REDUCED: gettext_noop(
        "This picture was too large to keep at %(source)s pixels, so it was reduced to %(kept)s."
    ),
    ImageNote.CUT_OFF: gettext_noop(
        "The end of this file is missing, so part of the picture may be grey. "
        "Check that it was downloaded completely."
    ),
    ImageNote.TOO_LONG_TO_READ: gettext_noop(
        "This picture is so long that the model sees it much smaller and may not be able to read small text. "
        "Cut it into pieces to make all of it readable."
    ),
    ImageNote.RAW_PREVIEW: gettext_noop("This is a raw file. Only the camera’s preview in it is used."),
    ImageNote.FIRST_PAGE: gettext_noop("This document has several pages. Only the first one is used."),
    ImageNote.FIRST_FRAME: gettext_noop("This is an animation. Only one frame of it is used."),
}


def _removed(image: UploadedImage) -> Iterator[str]:
    has_location, has_camera = RemovedData.LOCATION in image.removed, RemovedData.CAMERA in image.removed
    if has_location and has_camera:
        yield gettext("Location and camera data removed")
    elif has_location:
        yield gettext("Location data removed")
    elif has_camera:
        yield gettext("Camera data removed")
    if RemovedData.TEXT in image.removed:
        yield gettext("Hidden text removed")
    if count := image.redactions:
        yield ngettext("%(count)s area redacted", "%(count)s areas redacted", count) % {"count": count}


def _sentence(code: str, image: UploadedImage) -> str:
    return gettext(NOTES[code]) % {
        "source": f"{image.source_width} × {image.source_height}",
        "kept": f"{image.width} × {image.height}",
    }
