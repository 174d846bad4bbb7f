"""Which copies a request needs of the images of a message: whole ones, regions, canvases."""

import uuid
from itertools import combinations
from math import isclose
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.vision.bundles import (
    MAX_ON_CANVAS,
    LetteredBox,
    Shown,
    bundles_of,
    copies_of,
    whole_copy,
)
from vision_chat.services.vision.recipes import Box, Recipe
from vision_chat.services.vision.request_rules import RequestRules, request_rules

AIMLAPI: Final = "https://api.aimlapi.com/v1"
LLAMA: Final = request_rules(AIMLAPI, "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo")
QWEN: Final = request_rules("http://localhost:8000/v1", "qwen3-vl")
RULES: Final = {"llama": LLAMA, "qwen": QWEN, "unknown": RequestRules()}

sides = st.integers(20, 6000)
fractions = st.floats(0, 0.9)


def shown(width: int, height: int, *regions: LetteredBox) -> Shown:
    return Shown(image_id=uuid.uuid4(), width=width, height=height, regions=regions)


def region(letter: str, left: float, top: float, right: float, bottom: float) -> LetteredBox:
    return LetteredBox(letter, Box(left, top, right, bottom))


@st.composite
def regions(draw: st.DrawFn) -> tuple[LetteredBox, ...]:
    boxes = []
    for letter in "ABCDEFGHI"[: draw(st.integers(1, 9))]:
        left, top = draw(fractions), draw(fractions)
        right, bottom = draw(st.floats(left + 0.05, 1)), draw(st.floats(top + 0.05, 1))
        boxes.append(region(letter, left, top, right, bottom))
    return tuple(boxes)


def is_seen_as_it_is(recipe: Recipe, rules: RequestRules) -> bool:
    """Tell whether the model sees each pixel of the copy: nothing of it is shrunk away."""
    seen = rules.pixel_rule.seen(recipe.width, recipe.height)
    return seen.width >= recipe.width * 0.97 and seen.height >= recipe.height * 0.97


def test_images_without_choices_are_whole() -> None:
    images = [shown(4000, 3000), shown(300, 400)]
    bundles = bundles_of(images, QWEN, has_canvas=True)
    assert [bundle.copies for bundle in bundles] == [(whole_copy(image, QWEN),) for image in images]
    assert [bundle.caption for bundle in bundles] == ["", ""]


def test_a_region_comes_with_an_overview_where_the_model_takes_several_images() -> None:
    image = shown(4000, 3000, region("A", 0.5, 0.5, 0.75, 0.75))
    (bundle,) = bundles_of([image], QWEN)
    overview, detail = (copy.recipe for copy in bundle.copies)

    assert max(overview.width, overview.height) <= 768
    assert [(label.letter, label.is_outlined) for label in overview.labels] == [("A", True)]
    assert detail.placements[0].part == Box(0.5, 0.5, 0.75, 0.75)
    assert (detail.width, detail.height) == pytest.approx((1120, 840), abs=32)
    assert bundle.caption == (
        "The first picture is an overview in which area A is outlined. Picture 2 shows area A in full detail."
    )


def test_a_region_and_its_overview_are_one_canvas_for_a_model_of_one_image() -> None:
    image = shown(4000, 3000, region("A", 0.5, 0.5, 0.75, 0.75))
    ((plan,),) = (bundle.copies for bundle in bundles_of([image], LLAMA))
    detail, overview = plan.recipe.placements

    assert detail.part == Box(0.5, 0.5, 0.75, 0.75)
    assert overview.part == Box(0, 0, 1, 1)
    # most of what the model sees is the region: four times the pixels that it has in the whole picture
    assert detail.place.width * detail.place.height > 4 * (1120 * 0.25) * (840 * 0.25)
    assert overview.place.height <= plan.recipe.height * 0.3


@given(image=st.builds(shown, sides, sides), regions=regions(), name=st.sampled_from(sorted(RULES)))
def test_regions_are_cut_undistorted_and_lead_back_to_their_place(
    image: Shown, regions: tuple[LetteredBox, ...], name: str
) -> None:
    rules = RULES[name]
    image = shown(image.width, image.height, *regions)
    (bundle,) = bundles_of([image], rules)
    parts = {placement.part for copy in bundle.copies for placement in copy.recipe.placements}

    assert parts == {Box(0, 0, 1, 1), *(each.box for each in regions)}
    assert len(bundle.copies) <= max(1, rules.max_images)
    for copy in bundle.copies:
        for place, part, source in copy.recipe.placements:
            middle = (place.left + place.right) / 2, (place.top + place.bottom) / 2
            spot = copy.recipe.to_original(middle[0] / copy.recipe.width, middle[1] / copy.recipe.height)
            assert source == spot.source == 0
            assert isclose(spot.x, (part.left + part.right) / 2, abs_tol=1e-9)
            assert isclose(spot.y, (part.top + part.bottom) / 2, abs_tol=1e-9)


@given(st.lists(st.tuples(sides, sides), min_size=2, max_size=12))
def test_a_canvas_shows_each_image_apart_from_the_others_and_whole(sizes: list[tuple[int, int]]) -> None:
    images = [shown(*size) for size in sizes]
    *alone, canvas = bundles_of(images, LLAMA, has_canvas=True)
    (plan,) = canvas.copies
    recipe = plan.recipe

    assert canvas.image_ids == tuple(image.image_id for image in images[-MAX_ON_CANVAS:])
    assert [bundle.image_ids for bundle in alone] == [(image.image_id,) for image in images[:-MAX_ON_CANVAS]]
    assert [label.letter for label in recipe.labels] == list("ABCDEFGHI")[: len(canvas.image_ids)]
    for placement in recipe.placements:
        assert placement.part == Box(0, 0, 1, 1)
        assert 0 <= placement.place.left < placement.place.right <= recipe.width
        assert 0 <= placement.place.top < placement.place.bottom <= recipe.height
    for one, other in combinations([placement.place for placement in recipe.placements], 2):
        assert (
            one.right <= other.left
            or other.right <= one.left
            or one.bottom <= other.top
            or other.bottom <= one.top
        )


@given(st.lists(st.tuples(st.integers(300, 6000), st.integers(300, 6000)), min_size=2, max_size=9))
def test_a_canvas_of_ordinary_shapes_keeps_them_and_is_seen_pixel_by_pixel(
    sizes: list[tuple[int, int]],
) -> None:
    ((plan,),) = (bundle.copies for bundle in bundles_of([shown(*s) for s in sizes], LLAMA, has_canvas=True))
    assert is_seen_as_it_is(plan.recipe, LLAMA)
    for placement, (width, height) in zip(plan.recipe.placements, sizes, strict=True):
        place = placement.place
        assert place.width == pytest.approx(place.height * width / height, abs=1)


def test_four_equal_images_stand_two_by_two() -> None:
    images = [shown(4000, 3000) for _ in range(4)]
    ((plan,),) = (bundle.copies for bundle in bundles_of(images, LLAMA, has_canvas=True))
    corners = [(placement.place.left, placement.place.top) for placement in plan.recipe.placements]
    assert len({left for left, _ in corners}) == len({top for _, top in corners}) == 2
    assert max(plan.recipe.width, plan.recipe.height) <= 1120
    assert plan.recipe.width >= 1000


def test_without_a_canvas_images_stay_apart() -> None:
    images = [shown(400, 300), shown(300, 400)]
    assert len(copies_of(bundles_of(images, LLAMA, has_canvas=False))) == 2


def test_the_order_of_images_makes_another_canvas() -> None:
    images = [shown(400, 300), shown(400, 300)]
    ((one,), (other,)) = (
        copies_of(bundles_of(order, LLAMA, has_canvas=True)) for order in (images, images[::-1])
    )
    assert one.recipe == other.recipe
    assert one.name != other.name
