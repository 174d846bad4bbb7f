"""Letters and outlines that are drawn into the copy of an image for a model."""

from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from vision_chat.services.vision.recipes import Label

LETTER_PIXELS: Final = 24
"""Height of a letter: readable for a model on a copy of any size."""

_LINE: Final = (255, 0, 80)
_EDGE: Final = (255, 255, 255)
_INK: Final = (255, 255, 255)
_GROUND: Final = (20, 20, 20)


def draw_labels(copy: Image.Image, labels: Iterable[Label]) -> None:
    """Draw labels into an RGB image. An outline has a light edge, so that it is seen on any ground."""
    draw = ImageDraw.Draw(copy)
    for label in labels:
        left, top, right, bottom = (round(side) for side in label.box)
        if label.is_outlined:
            draw.rectangle((left - 3, top - 3, right + 2, bottom + 2), outline=_EDGE, width=1)
            draw.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=_LINE, width=3)
        _draw_letter(draw, label.letter, left, top)


def _draw_letter(draw: ImageDraw.ImageDraw, letter: str, left: int, top: int) -> None:
    """Draw a letter on a dark square, whose upper left corner is given."""
    side = LETTER_PIXELS + 6
    draw.rectangle((left, top, left + side - 1, top + side - 1), fill=_GROUND)
    font = ImageFont.load_default(LETTER_PIXELS)
    draw.text((left + side / 2, top + side / 2), letter, fill=_INK, font=font, anchor="mm")
