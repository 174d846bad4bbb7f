"""Where a model cuts a copy: tiles beside each other, and crops that overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.vision.cells import Cells, cells_of
from vision_chat.services.vision.family import Family, families
from vision_chat.services.vision.fine_print import fine_print
from vision_chat.services.vision.recipes import recipe_for
from vision_chat.services.vision.request_rules import request_rules
from vision_chat.services.vision.tile_grid import shared_spans

OVERLAPPING = ["molmo", "molmo-2", "moondream"]

sides = st.integers(60, 4_000)


@given(family=st.sampled_from(families()), width=sides, height=sides)
def test_they_cover_the_copy(family: Family, width: int, height: int) -> None:
    rules = request_rules("", "", family_id=family.id)
    recipe = recipe_for(rules, width, height)
    cells = cells_of(rules, recipe.width, recipe.height)
    if cells is None:
        return
    for spans, side in ((cells.columns, recipe.width), (cells.rows, recipe.height)):
        assert (spans[0].start, spans[-1].end) == (0, side)
        assert all(before.start < after.start <= before.end < after.end for before, after in pairwise(spans))
        assert bool(shared_spans(spans)) == (family.id in OVERLAPPING and len(spans) > 1)


@pytest.mark.parametrize("family_id", OVERLAPPING)
def test_of_crops_that_overlap_there_are_as_many_as_the_model_sees_without_its_overview(
    family_id: str,
) -> None:
    rules = request_rules("", "", family_id=family_id)
    for size in ((1200, 900), (900, 900), (700, 1500)):
        recipe = recipe_for(rules, *size)
        cells = cells_of(rules, recipe.width, recipe.height)
        seen = rules.pixel_rule.seen(recipe.width, recipe.height)
        assert cells is not None
        assert cells.count == seen.tiles - 1 > 1


def test_crops_of_moondream_overlap_by_112_of_its_pixels() -> None:
    rules = request_rules("", "moondream2")
    across, down = (
        [(number * 266, number * 266 + 378) for number in range(4)],
        [(0, 378), (266, 644), (532, 910)],
    )
    found = cells_of(rules, 1176, 910)
    assert found is not None
    assert (list(found.columns), list(found.rows)) == (across, down)


def test_parts_of_fine_print_lie_in_the_overview_as_in_the_original() -> None:
    rules = request_rules("", "claude-opus-4.5")
    grid = fine_print(rules, 4000, 3000, 12).grid
    placement = recipe_for(rules, 4000, 3000).placements[0]
    cells = Cells.of_grid(grid, placement)

    assert cells.count == len(grid)
    assert cells.columns[-1].end == pytest.approx(placement.place.right)
    assert cells.rows[1].start / placement.place.height == pytest.approx(grid.rows[1].start / 3000)
