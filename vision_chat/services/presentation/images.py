"""Images for people: their addresses and sizes, for templates."""

from dataclasses import dataclass
from typing import Self

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from vision_chat.models import UploadedImage


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
    size_label: str

    @classmethod
    def of(cls, image: UploadedImage) -> Self:
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
        )
