"""The height of small text in an image, measured by the runs of rows and columns that have ink.

In some windows of the image, lines of text are rows with ink between rows without; in them letters are
columns with ink between columns without. That tells text from photographs well enough for a hint.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from vision_chat.services.images._ground import on_ground

_WINDOW: Final = (320, 640)
_WINDOWS: Final = (4, 4)
_GROUND_RADIUS: Final = 24
_CONTRAST: Final = 40
"""Steps of 255 by which ink differs from the ground around it."""
_EMPTY: Final = 2
"""Rows and columns whose mean of 0 to 255 is at most this have no ink."""
_HEIGHTS: Final = range(5, 65)
_MIN_LINES: Final = 3
_MAX_INK: Final = 0.5


def text_height(image: Image.Image, ground: str = "") -> int:
    """Return the height in pixels of the smallest text of which there are some lines; 0 where there is none.

    `ground` is what transparent parts are shown on.
    """
    windows = (on_ground(window, ground).convert("L") for window in _windows(image))
    heights = sorted(height for window in windows for height in _line_heights(window))
    if len(heights) < _MIN_LINES:
        return 0
    return heights[len(heights) // 5]


def _windows(image: Image.Image) -> Iterator[Image.Image]:
    width, height = min(_WINDOW[0], image.width), min(_WINDOW[1], image.height)
    across = _WINDOWS[0] if image.width > width else 1
    down = _WINDOWS[1] if image.height > height else 1
    for row in range(down):
        for column in range(across):
            left = (image.width - width) * (2 * column + 1) // (2 * across)
            top = (image.height - height) * (2 * row + 1) // (2 * down)
            yield image.crop((left, top, left + width, top + height))


def _line_heights(window: Image.Image) -> list[int]:
    """Return the heights of the lines of text in a window; none where they are too few to be sure."""
    ink = _ink(window)
    lines = [(top, bottom) for top, bottom in _runs(_means(ink, by_rows=True)) if bottom - top in _HEIGHTS]
    heights = [
        bottom - top
        for top, bottom in lines
        if top > 0 and bottom < ink.height and _has_letters(ink.crop((0, top, ink.width, bottom)))
    ]
    return heights if len(heights) >= _MIN_LINES else []


def _ink(window: Image.Image) -> Image.Image:
    """Return a mask of the pixels that differ much from the ground, which most of a window is."""
    ground = window.filter(ImageFilter.BoxBlur(_GROUND_RADIUS))
    dark, light = ImageChops.subtract(ground, window), ImageChops.subtract(window, ground)
    return max(dark, light, key=_strength).point(lambda value: 255 * (value > _CONTRAST))


def _strength(difference: Image.Image) -> int:
    """Return the difference that a hundredth of the pixels reach: ink differs more than paper."""
    left = difference.width * difference.height // 100
    histogram = difference.histogram()
    for value in range(255, 0, -1):
        left -= histogram[value]
        if left < 0:
            return value
    return 0


def _has_letters(line: Image.Image) -> bool:
    """Tell whether a line has gaps as between letters and words, and less ink than a drawing."""
    runs = list(_runs(_means(line, by_rows=False)))
    pitch = 2.5 * line.height  # a word of five letters, where those are joined
    inked = sum(right - left for left, right in runs)
    share = line.histogram()[255] / (line.width * line.height)
    widest = max((right - left for left, right in runs), default=0)
    return len(runs) >= max(3, inked / pitch) and widest < 12 * line.height and share < _MAX_INK


def _means(mask: Image.Image, *, by_rows: bool) -> Sequence[int]:
    size = (1, mask.height) if by_rows else (mask.width, 1)
    return mask.resize(size, Image.Resampling.BOX).tobytes()


def _runs(means: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of rows or columns with ink."""
    at = 0
    for has_ink, run in groupby(means, key=lambda mean: mean > _EMPTY):
        length = sum(1 for _ in run)
        if has_ink:
            yield at, at + length
        at += length
