"""The height of small text, on pages that are drawn for it."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support import sample_images
from vision_chat.services.images.text_height import text_height

WORDS = "Seven bright packages of liquor jugs arrive today, while the quick brown fox jumps over lazy dogs."
SIZES = [8, 12, 20, 40]
SIDE = 900


def page(size: int, ink: str = "black", paper: str = "white", font: str = "") -> Image.Image:
    """A page of text of this size in pixels, from ascender to descender."""
    image = Image.new("RGB", (SIDE, SIDE), paper)
    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    drawing = ImageDraw.Draw(image)
    for row, top in enumerate(range(2 * size, SIDE - 2 * size, round(1.4 * size))):
        drawing.text((2 * size, top), (WORDS[row % 40 :] + WORDS) * (1 + 8 // size), ink, face)
    return image


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("ink", "paper"), [("black", "white"), ("#dddddd", "#222233"), ("#804020", "#f0e8d0")]
)
def test_it_is_about_the_size_of_the_font(size: int, ink: str, paper: str) -> None:
    assert text_height(page(size, ink, paper)) == pytest.approx(size, rel=0.26)


@pytest.mark.parametrize("font", ["DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_about_that_in_other_fonts(font: str, size: int) -> None:
    try:
        drawn = page(size, font=font)
    except OSError:
        pytest.skip(f"{font} is not installed")
    assert text_height(drawn) == pytest.approx(size, rel=0.26)


def test_of_two_sizes_it_is_the_smaller() -> None:
    sheet = page(40)
    sheet.paste(page(12).crop((0, 0, SIDE, SIDE // 2)), (0, SIDE // 2))
    assert text_height(sheet) == pytest.approx(12, rel=0.2)


@pytest.mark.parametrize(
    "draw", [sample_images.scene, sample_images.noise, sample_images.chart], ids=["scene", "noise", "chart"]
)
def test_there_is_none_where_there_is_no_text(draw: Callable[[tuple[int, int]], Image.Image]) -> None:
    assert text_height(draw((SIDE, SIDE)).convert("RGB")) == 0


@pytest.mark.parametrize("pitch", [10, 24, 60])
def test_stripes_are_no_text(pitch: int) -> None:
    blinds = Image.new("L", (SIDE, SIDE), 230)
    drawing = ImageDraw.Draw(blinds)
    for at in range(0, SIDE, pitch):
        drawing.rectangle((0, at, SIDE, at + pitch // 2), 40)
    assert text_height(blinds.convert("RGB")) == 0
    assert text_height(blinds.rotate(90).convert("RGB")) == 0


def test_a_tiny_image_has_none() -> None:
    assert text_height(Image.new("RGB", (1, 1))) == 0


def test_transparent_text_is_measured_on_its_ground() -> None:
    sheet = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    drawing = ImageDraw.Draw(sheet)
    for top in range(20, 760, 28):
        drawing.text((20, top), WORDS, (255, 255, 255, 255), ImageFont.load_default(20))
    assert text_height(sheet, "black") == pytest.approx(20, rel=0.26)
