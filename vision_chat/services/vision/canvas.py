"""Several images, or parts of images, on one canvas, for models that take one image at a time.

Cells stand in rows, in their order, all of a row equally high. Of all ways to break the rows that one is
taken which gives the smallest cell the most pixels of what the model sees.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vision_chat.services.vision.recipes import (
    MIN_SIDE,
    WHOLE,
    Box,
    Label,
    Placement,
    Recipe,
    copy_size,
)
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.rules.base import Size

MAX_CELLS: Final = 18
"""Nine images, and a region each. The number of ways to break rows doubles with each cell."""
GAP: Final = 8
"""Pixels between cells."""
BAND: Final = 32
"""Pixels above a row for its letters."""
OVERVIEW_SHARE: Final = 0.25
"""The part of the height that an overview takes."""
MAX_ENLARGEMENT: Final = 4.0
"""More than that shows a model no more."""

_VIRTUAL_WIDTH: Final = 8_000
_SQUARER: Final = 0.1
"""A canvas that is four times as long as wide must show an eighth more: people look at it too."""
_MANY: Final = 10
"""Cells from which on rows have equally many: all ways are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The contents of a cell: a part of an image, its size in pixels of the original, and its letter."""

    source: int
    letter: str
    width: float
    height: float
    part: Box = WHOLE

    @property
    def aspect(self) -> float:
        return max(0.05, min(20.0, self.width / self.height))


class _Layout(NamedTuple):
    """A canvas with the place of each cell, in pixels."""

    width: int
    height: int
    places: list[Box]
    overview: Box | None

    @property
    def smallest(self) -> float:
        """The number of pixels of the smallest cell."""
        return min(place.width * place.height for place in self.places)

    @property
    def squareness(self) -> float:
        """The shorter side in parts of the longer."""
        return min(self.width, self.height) / max(self.width, self.height)


def canvas_of(cells: Sequence[Cell], rules: RequestRules, overview: Cell | None = None) -> Recipe:
    """Return the recipe of a canvas with these cells, at most `MAX_CELLS`, each under its letter.

    An overview stands below them, small and without a letter: its placement is the last.
    """
    layout = max(
        (_layout(rows, rules, overview) for rows in _ways(cells)),
        key=lambda layout: layout.smallest * layout.squareness**_SQUARER,
    )
    placements = [
        Placement(place, cell.part, cell.source) for cell, place in zip(cells, layout.places, strict=True)
    ]
    if overview is not None and layout.overview is not None:
        placements.append(Placement(layout.overview, overview.part, overview.source))
    return Recipe(
        width=layout.width,
        height=layout.height,
        placements=tuple(placements),
        labels=tuple(
            Label(cell.letter, Box(place.left, place.top - BAND, place.right, place.top))
            for cell, place in zip(cells, layout.places, strict=True)
        ),
        max_bytes=rules.max_image_bytes,
    )


def _ways(cells: Sequence[Cell]) -> Iterator[list[Sequence[Cell]]]:
    """Yield ways to break the cells into rows."""
    if len(cells) >= _MANY:
        for across in range(1, len(cells) + 1):
            yield [cells[start : start + across] for start in range(0, len(cells), across)]
        return
    for breaks in range(2 ** (len(cells) - 1)):
        rows, start = [], 0
        for index in range(1, len(cells)):
            if breaks >> (index - 1) & 1:
                rows.append(cells[start:index])
                start = index
        yield [*rows, cells[start:]]


def _layout(rows: Sequence[Sequence[Cell]], rules: RequestRules, overview: Cell | None) -> _Layout:
    spare = len(rows) * BAND + (len(rows) - 1) * GAP
    share = 1 - OVERVIEW_SHARE if overview is not None else 1.0
    width, height = _canvas_size(rules, sum(1 / sum(cell.aspect for cell in row) for row in rows) / share)
    # once more, with what letters and gaps take
    wanted = (sum(_height(row, width) for row in rows) + spare) / share
    width, height = _canvas_size(rules, wanted / width)
    heights = [_height(row, width) for row in rows]
    room = height * share - spare - (GAP if overview is not None else 0)
    scale = min(1.0, max(room, MIN_SIDE) / sum(heights))
    places: list[Box] = []
    top = 0
    for row, row_height in zip(rows, heights, strict=True):
        top += BAND
        side = max(1, int(row_height * scale))
        left = 0
        for cell in row:
            across = max(1, int(side * cell.aspect))
            places.append(Box(left, top, left + across, top + side))
            left += across + GAP
        top += side + GAP
    below = _below(overview, top, width, height) if overview is not None else None
    shown = places if below is None else [*places, below]
    # smaller than a patch fails; larger than its content would be shrunk, and every cell with it
    right = max(MIN_SIDE, *(int(place.right) for place in shown))
    bottom = max(MIN_SIDE, *(int(place.bottom) for place in shown))
    return _Layout(right, bottom, places, below)


def _canvas_size(rules: RequestRules, shape: float) -> Size:
    """Return the size of the largest canvas that the model sees, `shape` times as high as wide."""
    return copy_size(rules, _VIRTUAL_WIDTH, max(1, round(_VIRTUAL_WIDTH * shape)))


def _below(overview: Cell, top: int, width: int, height: int) -> Box:
    """Return the place of the overview in what is left of the canvas."""
    scale = min(width / overview.width, max(MIN_SIDE, height - top) / overview.height, 1.0)
    across, down = max(1, int(overview.width * scale)), max(1, int(overview.height * scale))
    return Box(0, top, across, top + down)


def _height(row: Sequence[Cell], width: int) -> float:
    """Return the height of a row as wide as the canvas, unless that would enlarge a cell too much."""
    room = max(len(row), width - GAP * (len(row) - 1))
    return min(room / sum(cell.aspect for cell in row), min(cell.height for cell in row) * MAX_ENLARGEMENT)
