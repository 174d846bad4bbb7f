"""Edits of an image by a person: turned, flipped, redacted, cropped, marked. Pixels and arithmetic only.

All places are pixels of the image after it was flipped and turned, before it is cropped.
"""

from typing import Annotated, Final, Literal

import msgspec
from PIL import Image

from vision_chat.errors.images import ImageEditError, TooManyImageEditsError

MAX_AREAS: Final = 200
"""Most redacted areas of an edit, and most marks."""
MAX_TEXT: Final = 80
"""Most characters of a mark."""
MAX_LETTERS: Final = 1_000
"""Most characters of all marks: on the largest image they take about 2 s, and all images one thread."""
REDACTED: Final = "black"

_CLOCKWISE: Final = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}

Pixels = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Extent = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Distance = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of an image, in pixels."""

    x: Pixels
    y: Pixels
    width: Extent
    height: Extent

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, as Pillow takes them."""
        return self.x, self.y, self.x + self.width, self.y + self.height


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something drawn on an image. An arrow points from `x`, `y` to `x + width`, `y + height`.

    A number is a disc around `x`, `y`; a text begins there, with its upper left corner.
    """

    kind: Literal["arrow", "box", "number", "text"]
    x: Pixels
    y: Pixels
    width: Distance = 0
    height: Distance = 0
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)] = ""

    def moved(self, by_x: int, by_y: int) -> "Mark":
        """Return the mark at another place, which is within an image where it has been in its crop."""
        return msgspec.structs.replace(self, x=self.x + by_x, y=self.y + by_y)


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An edit of an image: flipped (left becomes right), then turned, redacted, cropped and marked."""

    flip: bool = False
    turns: Annotated[int, msgspec.Meta(ge=0, le=3)] = 0
    """By 90 degrees clockwise."""
    redactions: list[Box] = []
    crop: Box | None = None
    marks: list[Mark] = []

    @property
    def keeps_places(self) -> bool:
        """Tell whether each pixel stays where it is."""
        return not (self.flip or self.turns or self.crop)


def check_edit(edit: Edit, width: int, height: int) -> None:
    """Raise TooManyImageEditsError or ImageEditError unless the edit fits an image of this size."""
    if max(len(edit.redactions), len(edit.marks)) > MAX_AREAS:
        raise TooManyImageEditsError(limit=MAX_AREAS)
    if sum(len(mark.text) for mark in edit.marks) > MAX_LETTERS:
        raise TooManyImageEditsError(limit=MAX_LETTERS)
    if edit.turns % 2:
        width, height = height, width
    boxes = [*edit.redactions, *([edit.crop] if edit.crop else [])]
    if any(right > width or bottom > height for _, _, right, bottom in (box.corners for box in boxes)):
        raise ImageEditError
    points = [(mark.x, mark.y) for mark in edit.marks]
    points += [(mark.x + mark.width, mark.y + mark.height) for mark in edit.marks]
    if not all(0 <= x <= width and 0 <= y <= height for x, y in points):
        raise ImageEditError


def apply_edit(image: Image.Image, edit: Edit) -> Image.Image:
    """Return the edited image without its marks. Pixels of redacted areas are replaced, also in `image`."""
    if edit.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if edit.turns:
        image = image.transpose(_CLOCKWISE[edit.turns])
    for box in edit.redactions:
        image.paste(REDACTED, box.corners)
    return image.crop(edit.crop.corners) if edit.crop else image


def marks_in_crop(edit: Edit) -> list[Mark]:
    """Return the marks with their places in the image that is cropped; those outside of it are left out."""
    if edit.crop is None:
        return edit.marks
    left, top, right, bottom = edit.crop.corners
    return [
        mark.moved(-left, -top)
        for mark in edit.marks
        if left <= mark.x <= right
        and top <= mark.y <= bottom
        and left <= mark.x + mark.width <= right
        and top <= mark.y + mark.height <= bottom
    ]
