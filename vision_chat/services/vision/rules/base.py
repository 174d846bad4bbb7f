"""The result of every rule, and the arithmetic that several share."""

from collections.abc import Iterator
from math import sqrt
from typing import ClassVar, Literal, NamedTuple

from msgspec import Struct

Size = tuple[int, int]

Fit = Literal["shape", "stretch", "pad"]
"""The size seen is that of the image in its own shape; that of a canvas which the image is stretched to fill;
that of a canvas on which the image keeps its shape and the rest is padding."""


class Seen(NamedTuple):
    """An image as a model sees it.

    `width` and `height` are those of the image's content, or of the canvas where the processor stretches the
    image to it or where the content on it is not told. `tiles` counts the overview too.
    """

    width: int
    height: int
    tiles: int
    tokens: int


class PixelRule(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """How one processor resizes an image and counts its tokens."""

    FIT: ClassVar[Fit] = "shape"

    def seen(self, width: int, height: int) -> Seen:
        """Return what the model sees of an image of this size; sides are at least 1."""
        raise NotImplementedError

    def cell(self, width: int, height: int) -> float | None:  # some rules need the size
        """Return the side of the tiles or patches in pixels of the size seen; None where it is not known.

        Where tiles overlap it is the distance of two, and `shared` what neighbours share.
        """
        return None

    @property
    def shared(self) -> float:
        """Pixels of the size seen that neighbouring tiles have both."""
        return 0

    @property
    def is_padded(self) -> bool:
        """Tell whether the image lies in the middle of the size seen, with padding around it."""
        return self.FIT == "pad"


def ceil_div(dividend: int, divisor: int) -> int:
    """Divide and round up."""
    return -(-dividend // divisor)


def fit(width: int, height: int, scale: float) -> Size:
    """Scale a size and keep its shape; never below a pixel."""
    return max(1, round(width * scale)), max(1, round(height * scale))


def within(width: int, height: int, max_side: int, max_pixels: int) -> Size:
    """Return the largest size of this shape within both limits; never larger than it is."""
    scale = min(1.0, max_side / max(width, height), sqrt(max_pixels / (width * height)))
    if scale == 1.0:
        return width, height
    longest, shortest = max(width, height) * scale, min(width, height) * scale
    # rounded down where rounding up would pass the limit
    long_side = min(max_side, max(1, round(longest)))
    short_side = min(max(1, round(shortest)), max(1, max_pixels // long_side))
    long_side = min(long_side, max(1, max_pixels // short_side))
    return (long_side, short_side) if width >= height else (short_side, long_side)


def grids(max_tiles: int) -> Iterator[tuple[int, int]]:
    """Every (columns, rows) of at most `max_tiles` tiles, by columns, then rows."""
    sides = range(1, max_tiles + 1)
    return ((columns, rows) for columns in sides for rows in sides if columns * rows <= max_tiles)


def nearest_grid(width: int, height: int, tile: int, max_tiles: int) -> tuple[int, int]:
    """Return the grid whose aspect ratio is nearest; of equal ones the largest that the image half fills."""
    best, least = (1, 1), float("inf")
    for columns, rows in sorted(grids(max_tiles), key=lambda grid: grid[0] * grid[1]):
        difference = abs(width / height - columns / rows)
        if difference < least:
            best, least = (columns, rows), difference
        elif difference == least and width * height > 0.5 * tile * tile * columns * rows:
            best = (columns, rows)
    return best
