"""What the copy of an image for a model is to be, and where places in it lie in the original."""

import re
from dataclasses import replace
from math import ceil, isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vision_chat.services.vision.family import Family, families
from vision_chat.services.vision.recipes import (
    MAX_ASPECT,
    MIN_SIDE,
    Box,
    Placement,
    Recipe,
    Spot,
    is_too_long_to_read,
    recipe_for,
)
from vision_chat.services.vision.request_rules import RequestRules, request_rules

AIMLAPI = "https://api.aimlapi.com/v1"
LLAMA = request_rules(AIMLAPI, "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo")
QWEN = request_rules(AIMLAPI, "qwen2.5-vl")
CLAUDE = request_rules(AIMLAPI, "claude-opus-4.5")
SMALL = replace(QWEN, max_image_side=900, max_image_pixels=500_000)

NAMES = ["llama-3.2-vision", "gpt-4o", "gpt-5.4", "claude-opus-4.5", "gemini-2.5", "qwen3-vl", "gemma-3"]
NAMES += [
    "internvl",
    "pixtral",
    "minicpm-v",
    "molmo",
    "phi-4-multimodal",
    "deepseek-vl2",
    "llava:7b",
    "unknown",
]

sides = st.integers(1, 20_000)
fractions = st.floats(0, 1)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe: of a part or the whole, with padding or without."""
    width, height = draw(st.integers(1, 3000)), draw(st.integers(1, 3000))
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    place = Box(left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height)))
    part = Box(
        draw(st.floats(0, 0.4)), draw(st.floats(0, 0.4)), draw(st.floats(0.6, 1)), draw(st.floats(0.6, 1))
    )
    return Recipe(width=width, height=height, placements=(Placement(place, part),), max_bytes=1_000_000)


def size(rules: RequestRules, width: int, height: int) -> tuple[int, int]:
    recipe = recipe_for(rules, width, height)
    return recipe.width, recipe.height


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ((1600, 1200), (1120, 840)),
        ((300, 400), (300, 400)),
        ((1, 1), (56, 56)),  # no smaller than a patch of any family
        ((4032, 3024), (1120, 840)),
        ((3000, 500), (2240, 373)),
        ((700, 2100), (560, 1680)),
        ((3000, 1300), (1292, 560)),  # three tiles in a row
    ],
)
def test_a_copy_for_llama_has_what_four_tiles_hold(original: tuple[int, int], copy: tuple[int, int]) -> None:
    recipe = recipe_for(LLAMA, *original)
    assert (recipe.width, recipe.height) == copy
    assert recipe.max_bytes == 1_000_000
    assert not recipe.is_padded


@given(width=sides, height=sides)
def test_a_copy_for_llama_fits_a_square_of_1120_or_a_strip_and_is_never_enlarged(
    width: int, height: int
) -> None:
    longest, shortest = sorted(size(LLAMA, width, height), reverse=True)
    assert longest <= 1120 or (longest <= 2240 and shortest <= 560)
    assume(min(width, height) >= MIN_SIDE)
    assert longest <= max(width, height)
    assert shortest <= max(min(width, height), MIN_SIDE + 1, ceil(max(width, height) / MAX_ASPECT))


@pytest.mark.parametrize("name", NAMES)
@given(width=sides, height=sides)
def test_a_copy_never_passes_the_limits(name: str, width: int, height: int) -> None:
    rules = request_rules(AIMLAPI, name)
    copy_width, copy_height = size(rules, width, height)
    assert copy_width >= 1
    assert copy_height >= 1
    assert max(copy_width, copy_height) <= rules.max_image_side
    assert copy_width * copy_height <= rules.max_image_pixels


@given(width=sides, height=sides)
def test_limits_hold_also_for_a_model_that_must_get_the_size_that_it_sees(width: int, height: int) -> None:
    copy_width, copy_height = size(SMALL, width, height)
    assert max(copy_width, copy_height) <= 900
    assert copy_width * copy_height <= 500_000


@pytest.mark.parametrize("name", [name for name in NAMES if not request_rules(AIMLAPI, name).resize_exactly])
@given(width=sides, height=sides)
def test_the_image_in_a_copy_is_never_larger_than_the_original_unless_that_is_below_a_patch(
    name: str, width: int, height: int
) -> None:
    place = recipe_for(request_rules(AIMLAPI, name), width, height).placements[0].place
    assert place.width <= width or min(width, height) < MIN_SIDE
    assert place.height <= height or min(width, height) < MIN_SIDE


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
@given(width=sides, height=sides)
def test_no_copy_is_narrower_than_a_patch_or_longer_than_processors_take(
    family: Family, width: int, height: int
) -> None:
    copy = size(request_rules("", family.id), width, height)
    assert min(copy) >= 48  # the largest patch is that of Gemma 4
    assert max(copy) <= 25 * min(copy)


@pytest.mark.parametrize(
    ("original", "place", "copy"),
    [
        ((10, 10), (56, 56), (56, 56)),
        ((305, 30), (569, 56), (569, 56)),
        ((1, 600), (2, 1024), (57, 1024)),
        ((2600, 24), (2240, 21), (2240, 112)),
        ((1, 20_000), (1, 2240), (112, 2240)),
    ],
)
def test_a_thread_is_enlarged_and_what_is_still_narrow_is_padded(
    original: tuple[int, int], place: tuple[int, int], copy: tuple[int, int]
) -> None:
    recipe = recipe_for(LLAMA, *original)
    assert (recipe.width, recipe.height) == copy
    assert recipe.placements[0].place == (0, 0, *place)


@pytest.mark.parametrize(
    ("original", "is_lost"),
    [
        ((1080, 12_000), True),
        ((12_000, 1080), True),
        ((1280, 6000), True),
        ((1080, 2400), False),
        ((4032, 3024), False),
        ((300, 1200), False),
    ],
)
def test_a_long_screenshot_that_shrinks_is_too_long_to_read(
    original: tuple[int, int], *, is_lost: bool
) -> None:
    assert is_too_long_to_read(recipe_for(LLAMA, *original), *original) is is_lost


@pytest.mark.parametrize("rules", [QWEN, CLAUDE], ids=["qwen", "claude"])
@given(width=st.integers(20, 8_000), height=st.integers(20, 8_000))
def test_a_model_that_answers_in_pixels_gets_exactly_the_size_that_it_sees(
    rules: RequestRules, width: int, height: int
) -> None:
    copy = size(rules, width, height)
    assume(max(copy) < 7_900)
    seen = rules.pixel_rule.seen(*copy)
    assert (seen.width, seen.height) == copy


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
@pytest.mark.parametrize("original", [(640, 480), (1120, 1120), (2000, 1500), (1500, 2000)])
def test_a_copy_is_worth_about_the_tokens_of_its_original(family: Family, original: tuple[int, int]) -> None:
    rules = RequestRules(pixel_rule=family.pixel_rule)
    whole, copied = rules.image_tokens(*original), rules.image_tokens(*size(rules, *original))
    assert copied == pytest.approx(whole, rel=0.02)


def test_a_shape_that_a_model_refuses_is_padded_at_the_right_or_below() -> None:
    wide, high = recipe_for(QWEN, 6000, 10), recipe_for(QWEN, 10, 6000)
    assert wide.is_padded
    assert wide.placements[0].place[:3] == (0, 0, wide.width)
    assert high.placements[0].place == (0, 0, wide.placements[0].place.bottom, wide.width)
    assert wide.to_original(1, 1) == Spot(0, 1, 1)


@pytest.mark.parametrize("name", ["qwen2.5-vl", "qwen3-vl", "qwen2-vl", "glm-4.5v"])
@given(width=sides, height=sides)
def test_no_copy_is_200_times_as_long_as_wide_where_that_fails(name: str, width: int, height: int) -> None:
    copy = size(request_rules(AIMLAPI, name), width, height)
    assert max(copy) < 200 * min(copy)


def test_a_recipe_has_a_short_name_that_stays() -> None:
    recipe = recipe_for(LLAMA, 4032, 3024)
    assert recipe.name == "1120x840-726db77cbd49"
    assert re.fullmatch(r"[a-z0-9-]{1,40}", recipe.name)


def test_equal_recipes_have_equal_names_and_others_have_others() -> None:
    recipe = recipe_for(LLAMA, 1600, 1200)
    assert recipe.name == recipe_for(LLAMA, 4032, 3024).name
    place = recipe.placements[0].place
    others = [
        replace(recipe, version=recipe.version + 1),
        replace(recipe, max_bytes=5),
        replace(recipe, placements=(Placement(place, Box(0, 0, 0.5, 1)),)),
        replace(recipe, placements=(Placement(Box(0, 0, 10, 10)),)),
        replace(recipe, placements=(Placement(place), Placement(place))),
        replace(recipe, placements=(Placement(place), Placement(place, source=1))),
        replace(recipe, jpeg_qualities=(90,)),
        replace(recipe, png_ratio=0),
    ]
    assert replace(recipe, png_ratio=2).name == recipe.name
    assert len({recipe.name, *(other.name for other in others)}) == 1 + len(others)


@given(recipe=recipes(), x=fractions, y=fractions)
def test_a_place_comes_back_from_the_copy(recipe: Recipe, x: float, y: float) -> None:
    part = recipe.placements[0].part
    inside = part.left + x * part.width, part.top + y * part.height
    _, *back = recipe.to_original(*recipe.to_copy(*inside))
    assert all(isclose(one, other, abs_tol=1e-9) for one, other in zip(back, inside, strict=True))


@given(recipe=recipes(), x=fractions, y=fractions)
def test_a_place_of_the_copy_lies_in_the_part_that_it_shows_and_one_of_the_original_on_its_place(
    recipe: Recipe, x: float, y: float
) -> None:
    place, part, _ = recipe.placements[0]
    _, original_x, original_y = recipe.to_original(x, y)
    assert part.left - 1e-9 <= original_x <= part.right + 1e-9
    assert part.top - 1e-9 <= original_y <= part.bottom + 1e-9
    copy_x, copy_y = recipe.to_copy(x, y)
    assert place.left - 1e-6 <= copy_x * recipe.width <= place.right + 1e-6
    assert place.top - 1e-6 <= copy_y * recipe.height <= place.bottom + 1e-6


def test_corners_map_to_corners_where_the_whole_image_is_shown() -> None:
    recipe = recipe_for(LLAMA, 4032, 3024)
    assert [recipe.to_original(x, y) for x, y in ((0, 0), (1, 1), (0.5, 0.25))] == [
        Spot(0, 0, 0),
        Spot(0, 1, 1),
        Spot(0, 0.5, 0.25),
    ]


def test_a_place_in_a_tile_maps_to_its_part_of_the_original() -> None:
    lower_right = Recipe(
        width=560,
        height=560,
        placements=(Placement(Box(0, 0, 560, 560), Box(0.5, 0.5, 1, 1)),),
        max_bytes=1_000_000,
    )
    assert lower_right.to_original(0.5, 0) == Spot(0, 0.75, 0.5)
    assert lower_right.to_copy(0.75, 0.5) == (0.5, 0)
    assert lower_right.to_copy(0.1, 0.1) == (0, 0)


@st.composite
def canvases(draw: st.DrawFn) -> Recipe:
    """A grid of images, with gaps or without."""
    cell, gap = draw(st.integers(56, 700)), draw(st.integers(0, 30))
    columns, rows = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    step = cell + gap
    corners = [(column * step, row * step) for row in range(rows) for column in range(columns)]
    placements = tuple(
        Placement(Box(left, top, left + cell, top + cell), source=source)
        for source, (left, top) in enumerate(corners)
    )
    return Recipe(width=columns * step, height=rows * step, placements=placements, max_bytes=1_000_000)


# an edge belongs to both images where two touch
@given(canvas=canvases(), x=st.floats(0.01, 0.99), y=st.floats(0.01, 0.99), data=st.data())
def test_a_place_on_a_canvas_of_several_images_comes_back_to_its_own(
    canvas: Recipe, x: float, y: float, data: st.DataObject
) -> None:
    source = data.draw(st.integers(0, len(canvas.placements) - 1))
    spot = canvas.to_original(*canvas.to_copy(x, y, source))
    assert spot.source == source
    assert all(isclose(one, other, abs_tol=1e-9) for one, other in zip(spot[1:], (x, y), strict=True))
