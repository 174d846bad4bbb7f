"""Fine print: an overview of an image, and overlapping tiles that cover it as large as the model sees them.

The grid is the one on which the model sees the image largest, within the number of images, the bytes and the
tokens of a request; of grids that show it equally large the one with the fewest tiles. A tile is never
enlarged beyond the original. A model that takes one image gets one of the tiles, which the person picks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Final

from vision_chat.services.vision.plans import Bundle, PlannedCopy, Shown, whole_copy
from vision_chat.services.vision.recipes import Box, Placement, Recipe, recipe_for, seen_scale
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.rules.base import ceil_div

MAX_TILES: Final = 48
"""Tiles to choose among: all of a picture of 48 megapixels at a megapixel each."""

OVERLAP_ACROSS: Final = 160
OVERLAP_DOWN: Final = 64
"""Pixels of the original that neighbours share at least: a word, and a line of text, are whole in one."""

_MIN_BYTES_PER_PIXEL: Final = 0.2
"""Below this the encoder would blur text."""
_TEXT_TOKENS: Final = 2_000
"""Tokens that a question with much to read may have beside its images."""
_ENOUGH: Final = 0.97
"""Scales that differ by less look the same: rounding to whole patches takes as much."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles of equal size that overlap, by rows, in pixels of the original."""

    width: int
    height: int
    columns: int
    rows: int

    @property
    def tile(self) -> tuple[int, int]:
        """The size of each tile."""
        return (
            _tile_side(self.width, self.columns, OVERLAP_ACROSS),
            _tile_side(self.height, self.rows, OVERLAP_DOWN),
        )

    def boxes(self) -> list[Box]:
        """Return the rectangles of the tiles."""
        across, down = self.tile
        return [
            Box(left, top, left + across, top + down)
            for top in _starts(self.height, down, self.rows)
            for left in _starts(self.width, across, self.columns)
        ]

    def place(self, number: int) -> tuple[int, int]:
        """Return column and row of a tile, from 1."""
        return number % self.columns + 1, number // self.columns + 1


@dataclass(frozen=True, slots=True)
class FinePrint:
    """How an image is shown in fine print: on which grid, and at which scale the model sees its tiles."""

    grid: Grid
    scale: float
    recipes: tuple[Recipe, ...]
    """Of the tiles, by their numbers."""


@lru_cache(maxsize=256)
def fine_print(rules: RequestRules, width: int, height: int, places: int) -> FinePrint:
    """Plan the tiles of an original of this size, of which `places` images may be sent with the overview.

    Where only one may be sent, as many tiles are planned as show the image in its own pixels.
    """
    best: tuple[float, Grid] | None = None
    for grid in _grids(width, height, MAX_TILES if places < 2 else min(places, MAX_TILES)):
        scale = scale_alone(rules, *grid.tile)
        is_affordable = places < 2 or _fits(rules, grid)
        if is_affordable and (best is None or scale * _ENOUGH > best[0]):
            best = scale, grid
    scale, grid = best or (scale_alone(rules, width, height), Grid(width, height, 1, 1))
    return FinePrint(grid, scale, tuple(_recipe(rules, grid, box) for box in grid.boxes()))


def scale_alone(rules: RequestRules, width: int, height: int) -> float:
    """Return the scale, at most 1, at which a model sees a part of this size that has a copy for itself."""
    recipe = recipe_for(rules, width, height)
    return seen_scale(rules, recipe, recipe.placements[0], (width, height))


def tile_places(images: Sequence[Shown], rules: RequestRules) -> int:
    """Return how many tiles each of the images in fine print may have, beside its overview."""
    fine = sum(image.detail == "fine" for image in images)
    return (rules.max_images - (len(images) - fine)) // fine - 1 if fine else 0


def fine_print_bundle(image: Shown, rules: RequestRules, places: int) -> Bundle:
    """Return an overview of the image and its tiles; the tile alone where the model takes one image."""
    plan = fine_print(rules, image.width, image.height, places)
    numbers = chosen_tiles(plan, image.tiles, places)
    if not numbers:
        return Bundle((whole_copy(image, rules),))
    has_overview = places > 0
    tiles = tuple(PlannedCopy(plan.recipes[number], (image.image_id,)) for number in numbers)
    overview = (whole_copy(image, rules),) if has_overview else ()
    return Bundle(overview + tiles, caption(plan, numbers, has_overview=has_overview))


def chosen_tiles(plan: FinePrint, picked: Sequence[int] | None, places: int) -> tuple[int, ...]:
    """Return the numbers of the tiles that go; none where the image is shown whole instead."""
    count = len(plan.recipes)
    numbers = tuple(range(count)) if picked is None else tuple(sorted({*picked} & {*range(count)}))
    if count == 1:
        return ()
    if places < 2:
        return numbers[:1] if picked is not None else ()
    return numbers or tuple(range(count))


def caption(plan: FinePrint, numbers: Sequence[int], *, has_overview: bool) -> str:
    """Return what tells the model how the tiles belong together."""
    grid = plan.grid
    shape = f"a grid of {grid.columns} by {grid.rows} (columns by rows) of overlapping parts"
    if not has_overview:
        column, row = grid.place(numbers[0])
        return f"The picture is a part of a larger one: of {shape} it is column {column}, row {row}."
    if len(numbers) == len(plan.recipes):
        which = "all parts, from left to right, row by row"
    else:
        places = (grid.place(number) for number in numbers)
        which = ", ".join(f"column {column}, row {row}" for column, row in places)
    return f"One picture is shown in {len(numbers) + 1}: first the whole, then of {shape} {which}."


def _grids(width: int, height: int, most: int) -> Iterator[Grid]:
    """Grids of at most so many tiles: those with fewer first, of equal ones that with the squarest tiles."""
    sides = range(1, most + 1)
    grids = [
        Grid(width, height, columns, rows) for columns in sides for rows in sides if columns * rows <= most
    ]
    for grid in sorted(grids, key=_number_and_length):
        across, down = grid.tile
        is_cut_wide = grid.columns == 1 or 2 * OVERLAP_ACROSS <= across < width
        is_cut_high = grid.rows == 1 or 2 * OVERLAP_DOWN <= down < height
        if is_cut_wide and is_cut_high:
            yield grid


def _number_and_length(grid: Grid) -> tuple[int, float]:
    across, down = grid.tile
    return grid.columns * grid.rows, abs(log(across / down))


def _tile_side(side: int, count: int, overlap: int) -> int:
    """The length of each of so many parts that cover a side and share at least `overlap` pixels."""
    return ceil_div(side + (count - 1) * overlap, count)


def _starts(side: int, tile: int, count: int) -> list[int]:
    if count == 1:
        return [0]
    return [round(number * (side - tile) / (count - 1)) for number in range(count)]


def _fits(rules: RequestRules, grid: Grid) -> bool:
    """Tell whether all tiles and the overview fit the body and the context, beside some text."""
    count = grid.columns * grid.rows
    tile, overview = recipe_for(rules, *grid.tile), recipe_for(rules, grid.width, grid.height)
    tokens = count * rules.image_tokens(tile.width, tile.height)
    tokens += rules.image_tokens(overview.width, overview.height)
    room = (rules.context_tokens - rules.max_output_tokens) * 3 // 4 - _TEXT_TOKENS
    least_bytes = tile.width * tile.height * _MIN_BYTES_PER_PIXEL
    return _max_bytes(rules, count + 1) >= least_bytes and tokens <= room


def _max_bytes(rules: RequestRules, count: int) -> int:
    """The bytes that each of so many copies may have, so that a request holds all of them."""
    # base64 makes four bytes of three, and a third of the body stays for text
    return min(rules.max_image_bytes, rules.max_body_bytes // 2 // count)


def _recipe(rules: RequestRules, grid: Grid, box: Box) -> Recipe:
    recipe = recipe_for(rules, *grid.tile)
    part = Box(box.left / grid.width, box.top / grid.height, box.right / grid.width, box.bottom / grid.height)
    return replace(
        recipe,
        placements=(Placement(recipe.placements[0].place, part),),
        max_bytes=_max_bytes(rules, grid.columns * grid.rows + 1)
        if rules.max_images > 1
        else recipe.max_bytes,
    )
