"""Grids of tiles that cover an image.

Neighbours overlap, so that a word and a line of text are whole in one of them. A strip is cut at calm rows
instead, where it has some: there no line of text is cut through, and none is shown twice.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Self

from vision_chat.services.vision.recipes import Box
from vision_chat.services.vision.rules.base import Size, ceil_div

OVERLAP_ACROSS: Final = 160
OVERLAP_DOWN: Final = 64
"""Pixels of the original that neighbours share at least, where they are not cut at a calm row."""

_MAX_REACH: Final = 128
"""Pixels by which a cut is moved to a calm row: text up to this height is not cut through."""


class Span(NamedTuple):
    """A part of a side, in pixels."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles by rows, in pixels of the original."""

    width: int
    height: int
    columns: tuple[Span, ...]
    rows: tuple[Span, ...]

    @classmethod
    def of(cls, size: Size, columns: int, rows: int, calm_rows: Sequence[int] = ()) -> Self:
        """Return a grid of so many tiles: of equal size, or cut at calm rows along the longer side."""
        width, height = size
        across, down = (calm_rows, ()) if width > height else ((), calm_rows)
        return cls(
            width,
            height,
            _spans(width, columns, OVERLAP_ACROSS, across),
            _spans(height, rows, OVERLAP_DOWN, down),
        )

    def __len__(self) -> int:
        return len(self.columns) * len(self.rows)

    def boxes(self) -> list[Box]:
        """Return the rectangles of the tiles."""
        return [
            Box(column.start, row.start, column.end, row.end) for row in self.rows for column in self.columns
        ]

    def place(self, number: int) -> tuple[int, int]:
        """Return column and row of a tile, from 1."""
        return number % len(self.columns) + 1, number // len(self.columns) + 1


def even_side(side: int, count: int, overlap: int) -> int:
    """Return the length of each of so many parts that cover a side and share at least `overlap` pixels."""
    return ceil_div(side + (count - 1) * overlap, count)


def shared_spans(spans: Sequence[Span]) -> list[Span]:
    """Return what neighbours share."""
    pairs = pairwise(spans)
    return [Span(following.start, span.end) for span, following in pairs if following.start < span.end]


def _spans(side: int, count: int, overlap: int, calm_rows: Sequence[int]) -> tuple[Span, ...]:
    if count == 1:
        return (Span(0, side),)
    return _calm_spans(side, count, overlap, calm_rows) or _even_spans(side, count, overlap)


def _even_spans(side: int, count: int, overlap: int) -> tuple[Span, ...]:
    length = even_side(side, count, overlap)
    starts = (round(number * (side - length) / (count - 1)) for number in range(count))
    return tuple(Span(start, start + length) for start in starts)


def _calm_spans(side: int, count: int, overlap: int, calm_rows: Sequence[int]) -> tuple[Span, ...]:
    """Cut at the calm row that is nearest to each planned cut; none where no cut has one near.

    What is left is planned anew after each cut, so that the deviations do not add up.
    """
    reach = min(_MAX_REACH, side // count // 4)
    spans: list[Span] = []
    start = cut = 0
    is_calm = False
    for parts_left in range(count, 1, -1):
        planned = cut + (side - cut) // parts_left
        calm = _nearest(calm_rows, planned)
        is_near = calm is not None and abs(calm - planned) <= reach
        cut = calm if calm is not None and is_near else planned
        shared = 0 if is_near else overlap
        spans.append(Span(start, cut + shared // 2))
        start = cut - shared // 2
        is_calm |= is_near
    return (*spans, Span(start, side)) if is_calm else ()


def _nearest(rows: Sequence[int], wanted: int) -> int | None:
    at = bisect_left(rows, wanted)
    return min(rows[max(0, at - 1) : at + 1], key=lambda row: abs(row - wanted), default=None)
