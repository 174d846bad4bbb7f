"""The copy of an image for one model: made at the upload, and later from the original."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.support import sample_images
from tests.support.looking import LLAMA, assert_is_the_chart, close, opened, pixel, run
from vision_chat.errors.images import ImageNotReadableError, ImageTooManyPixelsError
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.vision.fine_print import fine_print
from vision_chat.services.vision.recipes import Box, Label, Placement, Recipe, recipe_for
from vision_chat.services.vision.request_rules import request_rules

QWEN = request_rules("http://localhost:8000/v1", "qwen2.5-vl")


def copy_of(data: bytes, recipe: Recipe, source_format: str = "PNG") -> Rendition:
    return make_copy([BytesIO(data)], recipe, source_format)


def difference(one: Rendition, other: Rendition) -> float:
    """The mean difference of two images of one size, of 255."""
    images = (opened(one).convert("L"), opened(other).convert("L"))
    return ImageStat.Stat(ImageChops.difference(*images)).mean[0]


def test_a_smaller_side_makes_a_smaller_copy() -> None:
    model = run(
        sample_images.encoded(sample_images.chart(), "PNG"), rules=replace(LLAMA, max_image_side=60)
    ).copy
    assert (model.width, model.height) == (60, 60)  # 60 x 40, and padding up to a patch


def test_a_copy_that_no_quality_makes_small_enough_shrinks() -> None:
    source = sample_images.encoded(sample_images.noise((400, 400)), "PNG")
    copy = copy_of(source, recipe_for(replace(LLAMA, max_image_bytes=9_000), 400, 400))
    assert len(copy.data) <= 9_000
    assert opened(copy).size == (copy.width, copy.height)
    assert copy.width < 400


def test_a_small_copy_is_lossless_unless_that_is_too_large() -> None:
    source = sample_images.noise((200, 200))
    lossless = run(sample_images.encoded(source, "PNG")).copy
    assert opened(lossless).tobytes() == source.tobytes()

    lossy = run(sample_images.encoded(source, "PNG"), rules=replace(LLAMA, max_image_bytes=60_000)).copy
    assert (lossy.content_type, lossy.width) == ("image/jpeg", 200)
    assert len(lossy.data) <= 60_000


def test_a_screenshot_reaches_the_model_sharp_and_a_photograph_small() -> None:
    screenshot = sample_images.screenshot()
    model = run(sample_images.encoded(screenshot, "PNG")).copy
    assert model.content_type == "image/png"
    assert opened(model).tobytes() == screenshot.tobytes()

    photograph = run(sample_images.encoded(sample_images.scene((1000, 600)), "PNG")).copy
    assert photograph.content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "side"),
    [("PNG", 1120), ("JPEG", 1120), ("JPEG", 400), ("WEBP", 1120), ("HEIF", 400)],
)
def test_a_copy_made_later_looks_like_the_one_made_at_the_upload(name: str, side: int) -> None:
    source = sample_images.encoded(sample_images.scene((side * 4 // 3, side)), name)
    processed = run(source, rules=replace(LLAMA, max_image_side=side))
    later = copy_of(processed.original.data, processed.recipe, processed.source_format)
    assert (later.width, later.height) == (processed.copy.width, processed.copy.height)
    assert later.width == side
    assert difference(later, processed.copy) < 3


def test_transparent_pixels_are_white_in_a_copy() -> None:
    source = sample_images.encoded(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG")
    assert pixel(copy_of(source, recipe_for(LLAMA, 40, 30)), 0.5, 0.5) == (255, 255, 255)


def test_a_model_that_answers_in_pixels_gets_the_size_of_its_grid() -> None:
    copy = copy_of(sample_images.encoded(sample_images.chart((650, 410)), "PNG"), recipe_for(QWEN, 650, 410))
    assert opened(copy).size == (644, 420)
    assert_is_the_chart(copy)


def test_padding_is_white_and_a_place_in_the_copy_maps_to_the_original() -> None:
    source = sample_images.encoded(Image.new("RGB", (6000, 10), "red"), "PNG")
    recipe = recipe_for(QWEN, 6000, 10)
    copy = copy_of(source, recipe)
    assert opened(copy).size == (recipe.width, recipe.height)
    inside, outside = recipe.to_copy(0.5, 0.5), (0.5, 1.0)
    assert close(pixel(copy, *inside), (255, 0, 0))
    assert close(pixel(copy, *outside), (255, 255, 255))


@pytest.mark.parametrize("name", ["PNG", "JPEG"])
def test_a_part_of_the_original_fills_its_copy(name: str) -> None:
    lower_left = Recipe(
        width=50,
        height=50,
        placements=(Placement(Box(0, 0, 50, 50), Box(0, 0.5, 0.5, 1)),),
        max_bytes=1_000_000,
    )
    copy = copy_of(sample_images.encoded(sample_images.chart((2000, 1000)), name), lower_left)
    assert opened(copy).size == (50, 50)
    assert all(close(pixel(copy, x, y), (0, 0, 255)) for x in (0.1, 0.9) for y in (0.1, 0.9))


def test_an_original_from_before_the_limits_were_lowered_still_has_copies() -> None:
    source = sample_images.encoded(Image.new("L", (9_000, 6_000), 200), "PNG")
    with pytest.raises(ImageTooManyPixelsError):
        run(source)
    assert copy_of(source, recipe_for(LLAMA, 9_000, 6_000)).width == 1120


def test_a_damaged_original_is_refused() -> None:
    source = sample_images.encoded(sample_images.scene((300, 200)), "JPEG")
    with pytest.raises(ImageNotReadableError):
        copy_of(source[: len(source) // 2], recipe_for(LLAMA, 300, 200))


def test_a_canvas_has_each_original_at_its_place_and_white_between() -> None:
    halves = (Placement(Box(0, 0, 100, 100)), Placement(Box(120, 0, 220, 100), source=1))
    canvas = Recipe(width=220, height=100, placements=halves, max_bytes=1_000_000)
    red, clear = Image.new("RGB", (400, 400), (255, 0, 0)), Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    originals = [BytesIO(sample_images.encoded(image, "PNG")) for image in (red, clear)]
    copy = make_copy(originals, canvas, "PNG")

    assert (copy.width, copy.height) == (220, 100)
    assert close(pixel(copy, 0.2, 0.5), (255, 0, 0))
    assert close(pixel(copy, 0.5, 0.5), (255, 255, 255))
    assert close(pixel(copy, 0.8, 0.5), (255, 255, 255))


def test_a_label_outlines_its_box_and_has_its_letter_inside() -> None:
    white = sample_images.encoded(Image.new("RGB", (400, 400), (255, 255, 255)), "PNG")
    whole = Placement(Box(0, 0, 400, 400))
    label = Label("A", Box(100, 100, 300, 300), is_outlined=True)
    copy = make_copy(
        [BytesIO(white)],
        Recipe(width=400, height=400, placements=(whole,), labels=(label,), max_bytes=1_000_000),
        "PNG",
    )
    assert close(pixel(copy, 0.5, 99 / 400), (255, 0, 80))
    assert close(pixel(copy, 0.5, 0.5), (255, 255, 255))
    assert close(pixel(copy, 101.5 / 400, 101.5 / 400), (20, 20, 20))


def test_a_part_in_full_resolution_has_the_very_pixels_of_the_original() -> None:
    drawn = sample_images.noise((1200, 900))
    source = sample_images.encoded(drawn, "PNG")
    plan = fine_print(replace(LLAMA, max_image_bytes=9_000_000), 1200, 900, 0)
    assert len(plan.recipes) > 1
    for recipe, box in zip(plan.recipes, plan.grid.boxes(), strict=True):
        exact = replace(recipe, png_ratio=100.0)
        part = drawn.crop((round(box.left), round(box.top), round(box.right), round(box.bottom)))
        assert opened(copy_of(source, exact)).convert("RGB").tobytes() == part.convert("RGB").tobytes()
