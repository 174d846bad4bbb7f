"""Fine print: an overview of an image, and overlapping tiles that cover it as large as the model sees them.

The grid is the one on which the model sees the image largest, within the number of images, the bytes and the
tokens of a request; of grids that show it equally large the one with the fewest tiles. A tile is never
enlarged beyond the original. A model that takes one image gets one of the tiles, which the person picks.
Long strips are cut at calm rows, which were looked for when the image was stored.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Final

from vision_chat.services.vision.plans import Bundle, PlannedCopy, Shown, whole_copy
from vision_chat.services.vision.recipes import Box, Placement, Recipe, recipe_for, seen_scale
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.rules.base import Size
from vision_chat.services.vision.tile_grid import (
    OVERLAP_ACROSS,
    OVERLAP_DOWN,
    Grid,
    even_side,
    shared_spans,
)

MAX_TILES: Final = 48
"""Tiles to choose among: all of a picture of 48 megapixels at a megapixel each."""


_MIN_BYTES_PER_PIXEL: Final = 0.2
"""Below this the encoder would blur text."""
_TEXT_TOKENS: Final = 2_000
"""Tokens that a question with much to read may have beside its images."""
_ENOUGH: Final = 0.97
"""Scales that differ by less look the same: rounding to whole patches takes as much."""


@dataclass(frozen=True, slots=True)
class FinePrint:
    """How an image is shown in fine print: on which grid, and at which scale the model sees its tiles."""

    grid: Grid
    scale: float
    recipes: tuple[Recipe, ...]
    """Of the tiles, by their numbers."""


@lru_cache(maxsize=256)
def fine_print(
    rules: RequestRules, width: int, height: int, places: int, calm_rows: tuple[int, ...] = ()
) -> FinePrint:
    """Plan the tiles of an original of this size, of which `places` images may be sent with the overview.

    Where only one may be sent, as many tiles are planned as show the image in its own pixels.
    """
    best: tuple[float, Grid] | None = None
    for grid in _grids(width, height, MAX_TILES if places < 2 else min(places, MAX_TILES), calm_rows):
        scale = min(scale_alone(rules, *size) for size in _tile_sizes(grid))
        is_affordable = places < 2 or _fits(rules, grid)
        if is_affordable and (best is None or scale * _ENOUGH > best[0]):
            best = scale, grid
        if best and best[0] >= _ENOUGH:  # none can be seen larger
            break
    scale, grid = best or (scale_alone(rules, width, height), Grid.of((width, height), 1, 1))
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
    plan = fine_print(rules, image.width, image.height, places, image.calm_rows)
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
    shape = f"a grid of {len(grid.columns)} by {len(grid.rows)} (columns by rows) of {_kind(grid)}"
    if not has_overview:
        column, row = grid.place(numbers[0])
        return f"The picture is a part of a larger one: of {shape} it is column {column}, row {row}."
    if len(numbers) == len(plan.recipes):
        which = "all parts, from left to right, row by row"
    else:
        places = (grid.place(number) for number in numbers)
        which = ", ".join(f"column {column}, row {row}" for column, row in places)
    return f"One picture is shown in {len(numbers) + 1}: first the whole, then of {shape} {which}."


def _kind(grid: Grid) -> str:
    is_shared = shared_spans(grid.columns) or shared_spans(grid.rows)
    return "overlapping parts" if is_shared else "parts that adjoin"


def _grids(width: int, height: int, most: int, calm_rows: Sequence[int]) -> Iterator[Grid]:
    """Grids of at most so many tiles: those with fewer first, of equal ones that with the squarest tiles."""
    sides = range(1, most + 1)
    counts = [(columns, rows) for columns in sides for rows in sides if columns * rows <= most]

    def even_tile(columns: int, rows: int) -> Size:
        return even_side(width, columns, OVERLAP_ACROSS), even_side(height, rows, OVERLAP_DOWN)

    def number_and_length(counts: tuple[int, int]) -> tuple[int, float]:
        across, down = even_tile(*counts)
        return counts[0] * counts[1], abs(log(across / down))

    for columns, rows in sorted(counts, key=number_and_length):
        across, down = even_tile(columns, rows)
        is_cut_wide = columns == 1 or 2 * OVERLAP_ACROSS <= across < width
        is_cut_high = rows == 1 or 2 * OVERLAP_DOWN <= down < height
        if is_cut_wide and is_cut_high:
            yield Grid.of((width, height), columns, rows, calm_rows)


def _tile_sizes(grid: Grid) -> Counter[Size]:
    """Return the sizes of the tiles, and how many have each."""
    return Counter((round(box.width), round(box.height)) for box in grid.boxes())


def _fits(rules: RequestRules, grid: Grid) -> bool:
    """Tell whether all tiles and the overview fit the body and the context, beside some text."""
    overview = recipe_for(rules, grid.width, grid.height)
    tokens, least_bytes = rules.image_tokens(overview.width, overview.height), 0.0
    for size, count in _tile_sizes(grid).items():
        tile = recipe_for(rules, *size)
        tokens += count * rules.image_tokens(tile.width, tile.height)
        least_bytes = max(least_bytes, tile.width * tile.height * _MIN_BYTES_PER_PIXEL)
    room = (rules.context_tokens - rules.max_output_tokens) * 3 // 4 - _TEXT_TOKENS
    return _max_bytes(rules, len(grid) + 1) >= least_bytes and tokens <= room


def _max_bytes(rules: RequestRules, count: int) -> int:
    """The bytes that each of so many copies may have, so that a request holds all of them."""
    # base64 makes four bytes of three, and a third of the body stays for text
    return min(rules.max_image_bytes, rules.max_body_bytes // 2 // count)


def _recipe(rules: RequestRules, grid: Grid, box: Box) -> Recipe:
    recipe = recipe_for(rules, round(box.width), round(box.height))
    part = Box(box.left / grid.width, box.top / grid.height, box.right / grid.width, box.bottom / grid.height)
    return replace(
        recipe,
        placements=(Placement(recipe.placements[0].place, part),),
        max_bytes=_max_bytes(rules, len(grid) + 1) if rules.max_images > 1 else recipe.max_bytes,
    )
