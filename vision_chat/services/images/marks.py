"""Marks on an image: arrows, boxes, numbers and short texts, large enough to be read in a copy."""

from collections.abc import Sequence
from functools import lru_cache
from math import atan2, cos, hypot, pi, sin
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from vision_chat.errors.images import ImageTextError
from vision_chat.services.images.edits import Mark

COLOUR: Final = (214, 31, 38)
EDGE: Final = "white"
LINES: Final = 220
"""Width of a line: the longer side divided by this."""
LETTERS: Final = 32
"""Height of letters in the same way."""
MIN_LINE: Final = 2
MIN_LETTERS: Final = 12
HEAD: Final = 5.0
"""Length of an arrow's head in widths of its line."""

_FONTS: Final = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial.ttf")
"""Fonts that systems have, the one of the widest scripts first; Pillow's own has English letters only."""
_NO_CHARACTER: Final = "\U0010ffff"

Font = ImageFont.FreeTypeFont
Point = tuple[float, float]


def draw_marks(image: Image.Image, marks: Sequence[Mark]) -> Image.Image:
    """Return a copy of the image with the marks on it. Raises ImageTextError where a text has no font."""
    marked = image.convert("RGBA" if image.mode == "RGBA" else "RGB")
    marked = marked.copy() if marked is image else marked
    draw = ImageDraw.Draw(marked)
    longer = max(image.size)
    line, letters = max(MIN_LINE, longer // LINES), max(MIN_LETTERS, longer // LETTERS)
    for mark in marks:
        _DRAWN[mark.kind](draw, mark, line, letters)
    return marked


def check_texts(marks: Sequence[Mark]) -> None:
    """Raise ImageTextError where the server has no font for a text."""
    for mark in marks:
        font_for(mark.text, MIN_LETTERS)


@lru_cache(maxsize=64)
def font_for(text: str, size: int) -> Font:
    """Return the first font that has all letters of the text. Raises ImageTextError."""
    for font in _fonts(size):
        if not _missing(font, text):
            return font
    raise ImageTextError(letters="".join(dict.fromkeys(_missing(_fonts(size)[0], text)))[:10])


@lru_cache(maxsize=8)
def _fonts(size: int) -> list[Font]:
    found: list[Font] = []
    for name in _FONTS:
        try:
            found.append(ImageFont.truetype(name, size))
        except OSError:
            continue
    own = ImageFont.load_default(size)
    return [*found, own] if isinstance(own, ImageFont.FreeTypeFont) else found


def _missing(font: Font, text: str) -> list[str]:
    """Return the characters that the font draws as it draws one that does not exist."""
    unknown = _shape(font, _NO_CHARACTER)
    return [letter for letter in text if not letter.isspace() and _shape(font, letter) == unknown]


def _shape(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _draw_box(draw: ImageDraw.ImageDraw, mark: Mark, line: int, _letters: int) -> None:
    left, right = sorted((mark.x, mark.x + mark.width))
    top, bottom = sorted((mark.y, mark.y + mark.height))
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=EDGE, width=line + 2)
    draw.rectangle((left, top, right, bottom), outline=COLOUR, width=line)


def _draw_arrow(draw: ImageDraw.ImageDraw, mark: Mark, line: int, _letters: int) -> None:
    tail, tip = (mark.x, mark.y), (mark.x + mark.width, mark.y + mark.height)
    length = HEAD * line
    angle = atan2(mark.height, mark.width)
    way = max(0.0, hypot(mark.width, mark.height) - length)
    neck = (tail[0] + way * cos(angle), tail[1] + way * sin(angle))
    head = [tip, _beside(neck, angle, length / 2), _beside(neck, angle, -length / 2)]
    draw.line((*tail, *neck), fill=EDGE, width=line + 2)
    draw.polygon(head, fill=COLOUR, outline=EDGE)
    draw.line((*tail, *neck), fill=COLOUR, width=line)


def _beside(point: Point, angle: float, distance: float) -> Point:
    return point[0] + distance * cos(angle + pi / 2), point[1] + distance * sin(angle + pi / 2)


def _draw_number(draw: ImageDraw.ImageDraw, mark: Mark, line: int, letters: int) -> None:
    radius = letters * 0.8
    disc = (mark.x - radius, mark.y - radius, mark.x + radius, mark.y + radius)
    draw.ellipse(disc, fill=COLOUR, outline=EDGE, width=max(1, line // 2))
    draw.text((mark.x, mark.y), mark.text, fill=EDGE, font=font_for(mark.text, letters), anchor="mm")


def _draw_text(draw: ImageDraw.ImageDraw, mark: Mark, line: int, letters: int) -> None:
    font = font_for(mark.text, letters)
    draw.text(
        (mark.x, mark.y), mark.text, fill=COLOUR, font=font, anchor="la", stroke_width=line, stroke_fill=EDGE
    )


_DRAWN: Final = {"box": _draw_box, "arrow": _draw_arrow, "number": _draw_number, "text": _draw_text}
