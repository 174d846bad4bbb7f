"""The calm rows of a long strip: where it can be cut and no line of text is cut through.

Text is told from ground by sharp steps of lightness along a row. A step that goes on through many rows is a
rule or a border, and may be cut. Of a strip that is wider than high these are columns.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from PIL import Image, ImageChops

from vision_chat.services.images._ground import on_ground

STRIP_ASPECT: Final = 2.5
"""How many times as long as wide an image is, at least, that is a strip."""

_MIN_WIDTH: Final = 16
_BAND_ROWS: Final = 1024
_CHUNK: Final = 64
"""Pixels of a row whose mean is looked at: in that of a whole row a single digit would not tell."""
_STEP: Final = 24
"""Steps of 255 by which neighbours differ where ink begins; JPEG's noise has less."""
_INKED: Final = 7
"""The least sum of a row's levels where there is ink: two such steps, the sides of a stroke, have 4 each."""
_DOUBLINGS: Final = 7
"""2 to the power of this: the rows after which a stroke is no letter, but a rule."""
_MIN_RUN: Final = 2
_MIN_RUN_ACROSS: Final = 24
"""Columns: fewer may lie between words, or between letters."""
_SPACING: Final = 32
"""Rows of which one is enough."""
_NEAR: Final = 3
"""Candidates on either side with which one is compared."""
_SHORTER: Final = 3


class _Candidate(NamedTuple):
    """A row, and the length of the run without ink in which it lies."""

    row: int
    length: int


def calm_rows(image: Image.Image, ground: str = "") -> list[int]:
    """Return rows of a strip before which it can be cut, in order; columns where it is wider than high.

    Returns none of an image that is no strip. `ground` is what transparent parts are shown on.
    """
    width, height = min(image.size), max(image.size)
    if width < _MIN_WIDTH or height < STRIP_ASPECT * width:
        return []
    is_wide = image.width > image.height
    levels = _without_rules(_levels(image, ground, is_wide=is_wide))
    runs = _calm_runs(levels, _MIN_RUN_ACROSS if is_wide else _MIN_RUN)
    candidates = (candidate for start, end in runs for candidate in _candidates(start, end))
    return _between_lines(_spaced(candidates))


def _levels(image: Image.Image, ground: str, *, is_wide: bool) -> Image.Image:
    """Return how much ink each chunk of each row has; a pixel is a chunk."""
    width, height = sorted(image.size)
    levels = Image.new("L", (-(-(width - 1) // _CHUNK), height))
    for top in range(0, height, _BAND_ROWS):
        bottom = min(height, top + _BAND_ROWS)
        band = image.crop((top, 0, bottom, width) if is_wide else (0, top, width, bottom))
        grey = on_ground(band, ground).convert("L")
        upright = grey.transpose(Image.Transpose.TRANSPOSE) if is_wide else grey
        levels.paste(_inked(upright).reduce((_CHUNK, 1)), (0, top))
    return levels


def _inked(band: Image.Image) -> Image.Image:
    """Return a mask of the pixels at which ink begins or ends along a row."""
    left = band.crop((0, 0, band.width - 1, band.height))
    right = band.crop((1, 0, band.width, band.height))
    return ImageChops.difference(left, right).point(lambda value: 255 * (value >= _STEP))


def _without_rules(levels: Image.Image) -> Image.Image:
    """Take away what stays in a chunk over many rows."""
    lasting = levels
    for power in range(_DOUBLINGS):
        lasting = ImageChops.darker(lasting, ImageChops.offset(lasting, 0, -(2**power)))
    for power in range(_DOUBLINGS):
        lasting = ImageChops.lighter(lasting, ImageChops.offset(lasting, 0, 2**power))
    return ImageChops.subtract(levels, lasting)


def _calm_runs(levels: Image.Image, least: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of at least so many rows without ink."""
    chunks, data = levels.width, levels.tobytes()
    inked = (sum(data[at : at + chunks]) >= _INKED for at in range(0, len(data), chunks))
    at = 0
    for is_inked, run in groupby(inked):
        length = sum(1 for _ in run)
        if not is_inked and length >= least:
            yield at, at + length
        at += length


def _candidates(start: int, end: int) -> list[_Candidate]:
    """Return rows of a run: the middle one, and more where it is long."""
    length = end - start
    count = max(1, length // _SPACING)
    middles = (start + length * (2 * number + 1) // (2 * count) for number in range(count))
    return [_Candidate(row, length) for row in middles]


def _spaced(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Return one of each few rows: that of the longest run."""
    groups = groupby(candidates, key=lambda candidate: candidate.row // _SPACING)
    return [max(group, key=lambda candidate: candidate.length) for _, group in groups]


def _between_lines(candidates: Sequence[_Candidate]) -> list[int]:
    """Return those that are not much shorter than one near: as the gap below the dot of a large letter is."""
    rows = []
    for at, candidate in enumerate(candidates):
        near = candidates[max(0, at - _NEAR) : at + _NEAR + 1]
        lengths = (each.length for each in near if abs(each.row - candidate.row) <= _NEAR * _SPACING)
        if candidate.length * _SHORTER > max(lengths):
            rows.append(candidate.row)
    return rows
