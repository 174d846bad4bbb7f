"""Fine print: an overview and tiles that cover an image at the largest scale that a model sees."""

import uuid
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.vision.bundles import bundles_of, copies_of, scale_in
from vision_chat.services.vision.estimates import planned_size
from vision_chat.services.vision.family import Family, families
from vision_chat.services.vision.fine_print import caption, fine_print, scale_alone
from vision_chat.services.vision.plans import Bundle, Detail, Shown
from vision_chat.services.vision.recipes import WHOLE
from vision_chat.services.vision.request_rules import RequestRules, request_rules
from vision_chat.services.vision.tile_grid import OVERLAP_DOWN, Grid

LLAMA = request_rules("", "llama-3.2-90b-vision")
CLAUDE = request_rules("", "claude-opus-4.5")
QWEN = request_rules("", "qwen3-vl")

sides = st.integers(60, 9_000)


@st.composite
def strips(draw: st.DrawFn) -> Shown:
    """A long strip that can be cut at some rows, or columns, or at none."""
    short = draw(st.integers(60, 1_500))
    long = draw(st.integers(3 * short, 20 * short))
    gaps = draw(st.lists(st.integers(8, 400), max_size=100))
    calm = tuple(row for row in accumulate(gaps) if row < long)
    width, height = (long, short) if draw(st.booleans()) else (short, long)
    return Shown(image_id=uuid.uuid4(), width=width, height=height, calm_rows=calm, detail="fine")


def image(width: int, height: int, detail: Detail = "fine", tiles: tuple[int, ...] | None = None) -> Shown:
    return Shown(image_id=uuid.uuid4(), width=width, height=height, detail=detail, tiles=tiles)


def bundle(rules: RequestRules, shown: Shown) -> Bundle:
    (one,) = bundles_of([shown], rules)
    return one


def sizes(of: Bundle) -> list[tuple[int, int]]:
    return [(copy.recipe.width, copy.recipe.height) for copy in of.copies]


@given(family=st.sampled_from(families()), width=sides, height=sides)
def test_the_tiles_of_a_plan_lie_in_the_image_and_are_never_enlarged(
    family: Family, width: int, height: int
) -> None:
    rules = request_rules("", "", family_id=family.id)
    plan = fine_print(rules, width, height, rules.max_images - 1)
    exact = 60 if rules.resize_exactly else 0  # rounded to whole patches
    for recipe, box in zip(plan.recipes, plan.grid.boxes(), strict=True):
        part, place = recipe.placements[0].part, recipe.placements[0].place
        assert min(part.left, part.top) >= 0
        assert max(part.right, part.bottom) <= 1.000001
        assert place.width <= max(box.width + exact, 60)
        assert place.height <= max(box.height + exact, 60)


@given(family=st.sampled_from(families()), width=sides, height=sides)
def test_fine_print_is_never_seen_smaller_than_the_whole_and_fits_one_request(
    family: Family, width: int, height: int
) -> None:
    rules = request_rules("", "", family_id=family.id)
    shown = image(width, height)
    fine = bundle(rules, shown)
    copies = [planned_size(copy.recipe) for copy in fine.copies]

    assert len(copies) <= rules.max_images
    assert scale_in(fine, shown, rules) >= scale_alone(rules, width, height) * 0.999
    assert sum(copy.bytes for copy in copies) * 4 / 3 <= rules.max_body_bytes * 2 / 3 + rules.max_image_bytes
    if len(copies) > 1:
        room = (rules.context_tokens - rules.max_output_tokens) * 3 // 4
        assert sum(rules.image_tokens(copy.width, copy.height) for copy in copies) <= room


def test_a_model_of_many_images_gets_an_overview_and_all_parts_in_full_resolution() -> None:
    shown = image(4000, 3000)
    fine = bundle(CLAUDE, shown)

    assert sizes(fine) == [(1270, 952), *[(1120, 1043)] * 12]
    assert scale_in(fine, shown, CLAUDE) == 1
    assert fine.caption == (
        "One picture is shown in 13: first the whole, then of a grid of 4 by 3 (columns by rows) of "
        "overlapping parts all parts, from left to right, row by row."
    )


def test_a_long_strip_is_cut_across_only() -> None:
    parts = [copy.recipe.placements[0].part for copy in bundle(QWEN, image(1000, 12_000)).copies[1:]]
    assert len(parts) > 2
    assert {(part.left, part.right) for part in parts} == {(0, 1)}


@given(family=st.sampled_from(families()), strip=strips(), places=st.integers(0, 20))
def test_the_parts_of_a_strip_cover_it_at_the_scale_that_is_promised(
    family: Family, strip: Shown, places: int
) -> None:
    rules = request_rules("", "", family_id=family.id)
    plan = fine_print(rules, strip.width, strip.height, places, strip.calm_rows)
    boxes = plan.grid.boxes()

    for spans, side in ((plan.grid.columns, strip.width), (plan.grid.rows, strip.height)):
        assert (spans[0].start, spans[-1].end) == (0, side)
        assert all(following.start <= span.end < following.end for span, following in pairwise(spans))
    assert plan.scale >= scale_alone(rules, strip.width, strip.height)
    assert plan.scale == min(scale_alone(rules, int(box.width), int(box.height)) for box in boxes)
    for recipe, box in zip(plan.recipes, boxes, strict=True):
        part = recipe.placements[0].part
        assert part == pytest.approx(
            (
                box.left / strip.width,
                box.top / strip.height,
                box.right / strip.width,
                box.bottom / strip.height,
            )
        )


def test_a_strip_is_cut_at_the_calm_rows_near_and_no_row_is_shown_twice() -> None:
    calm = tuple(range(17, 12_000, 40))
    plan = fine_print(QWEN, 1000, 12_000, 20, calm)
    rows = plan.grid.rows

    assert len(rows) > 2
    assert all(span.end == following.start and span.end in calm for span, following in pairwise(rows))
    assert plan.scale == pytest.approx(fine_print(QWEN, 1000, 12_000, 20).scale, rel=0.01)
    assert "parts that adjoin" in caption(plan, range(len(rows)), has_overview=True)


def test_where_a_strip_has_no_calm_row_near_its_parts_overlap_there() -> None:
    even = fine_print(QWEN, 1000, 12_000, 20)
    count = len(even.grid)
    only = round(12_000 / count) + 20
    rows = Grid.of((1000, 12_000), 1, count, (only,)).rows

    assert rows[0].end == rows[1].start == only
    assert all(span.end - following.start == OVERLAP_DOWN for span, following in pairwise(rows[1:]))
    assert fine_print(QWEN, 1000, 12_000, 20, (3,)) == even


def test_where_the_full_resolution_does_not_fit_the_largest_scale_is_taken() -> None:
    rules = replace(CLAUDE, max_images=5)
    shown = image(8000, 6000)
    fine = bundle(rules, shown)
    assert len(fine.copies) == 5
    assert scale_alone(rules, 8000, 6000) < scale_in(fine, shown, rules) < 1


def test_images_of_one_question_share_the_places() -> None:
    first, second, whole = image(4000, 3000), image(3000, 4000), image(900, 900, "fit")
    found = bundles_of([first, second, whole], replace(QWEN, max_images=9))
    assert len(copies_of(found)) <= 9
    assert [len(each.copies) > 1 for each in found] == [True, True, False]


def test_a_small_image_is_whole_also_in_fine_print() -> None:
    for rules in (LLAMA, CLAUDE):
        (copy,) = bundle(rules, image(640, 480)).copies
        assert copy.recipe.placements[0].part == WHOLE


def test_a_model_of_one_image_gets_the_part_that_was_picked_and_the_whole_before() -> None:
    before, picked = bundle(LLAMA, image(4000, 3000)), bundle(LLAMA, image(4000, 3000, tiles=(6,)))

    assert sizes(before) == [(1120, 840)]
    assert sizes(picked) == [(1120, 1043)]
    part = picked.copies[0].recipe.placements[0].part
    assert (part.left, part.top) == (1920 / 4000, 978 / 3000)
    assert picked.caption == (
        "The picture is a part of a larger one: of a grid of 4 by 3 (columns by rows) of overlapping parts "
        "it is column 3, row 2."
    )


def test_of_parts_that_there_are_not_nothing_is_sent() -> None:
    assert sizes(bundle(LLAMA, image(4000, 3000, tiles=(900,)))) == [(1120, 840)]
    assert len(bundle(CLAUDE, image(4000, 3000, tiles=(0, 3, 900))).copies) == 3


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
def test_low_detail_is_small_and_takes_no_more_tokens(family: Family) -> None:
    rules = request_rules("", "", family_id=family.id)
    (low,), (fit,) = (sizes(bundle(rules, image(4000, 3000, detail))) for detail in ("low", "fit"))
    assert max(low) <= 512
    assert rules.billed_tokens(*low) <= rules.billed_tokens(*fit)
