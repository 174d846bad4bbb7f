"""Where the tiles, crops or patches lie into which a model cuts a copy, to be drawn over it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, Self

from vision_chat.services.vision.recipes import Placement
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.tile_grid import Grid, Span

MAX_LINES: Final = 400
"""More than these could not be told apart."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The columns and rows of the cells of a copy, in pixels of it. Neighbours may overlap."""

    columns: tuple[Span, ...]
    rows: tuple[Span, ...]

    @classmethod
    def of_grid(cls, grid: Grid, placement: Placement) -> Self:
        """Return the tiles of an image in fine print, as they lie in a copy of the whole image."""
        left, top, right, bottom = placement.place
        return cls(
            _scaled(grid.columns, left, (right - left) / grid.width),
            _scaled(grid.rows, top, (bottom - top) / grid.height),
        )

    @property
    def count(self) -> int:
        """The number of cells."""
        return len(self.columns) * len(self.rows)


def cells_of(rules: RequestRules, width: int, height: int) -> Cells | None:
    """Return the tiles, crops or patches of a copy of this size; None where the model's are not known."""
    rule = rules.pixel_rule
    cell = rule.cell(width, height)
    if cell is None:
        return None
    seen = rule.seen(width, height)
    if rule.is_padded:  # in the middle of the canvas
        scale = min(seen.width / width, seen.height / height)
        scales = scale, scale
    else:
        scales = seen.width / width, seen.height / height
    sides = (width, seen.width, scales[0]), (height, seen.height, scales[1])
    columns, rows = (tuple(_spans(cell, rule.shared, *each)) for each in sides)
    return Cells(columns, rows) if len(columns) + len(rows) <= MAX_LINES else None


def _scaled(spans: Iterable[Span], first: float, scale: float) -> tuple[Span, ...]:
    return tuple(Span(first + start * scale, first + end * scale) for start, end in spans)


def _spans(cell: float, shared: float, side: int, seen: int, scale: float) -> Iterator[Span]:
    """Yield what each cell has of a side, those that have less than a pixel of it left out."""
    margin = max(0.0, (seen - side * scale) / 2)
    count = max(1, ceil((seen - shared) / cell - 0.001))  # cells may be fractions of pixels
    for number in range(count):
        start = max(0.0, (number * cell - margin) / scale)
        end = min(float(side), ((number + 1) * cell + shared - margin) / scale)
        if end >= 1 and start <= side - 1:
            yield Span(0.0 if start < 1 else start, float(side) if end > side - 1 else end)
