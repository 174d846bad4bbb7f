"""Calm rows, on receipts and screenshots that are drawn for them."""

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support import sample_images
from vision_chat.services.images.calm_rows import calm_rows
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.vision.fine_print import fine_print
from vision_chat.services.vision.request_rules import RequestRules, request_rules
from vision_chat.services.vision.tile_grid import shared_spans

WORDS = "Seven bright packages of liquor jugs arrive today, while the quick brown fox jumps over lazy dogs."
SIZES = [8, 12, 20, 40, 100]
WIDTH, HEIGHT = 600, 6000
MODELS = [request_rules("", name) for name in ("llama-3.2-90b-vision", "gpt-4o", "claude-opus-4.5")]

Lines = list[tuple[int, int]]


def receipt(
    size: int, ink: str = "black", paper: str = "white", mode: str = "RGB"
) -> tuple[Image.Image, Lines]:
    """A strip of lines of text of this size, each with its first and last row of ink."""
    image = Image.new(mode, (WIDTH, HEIGHT), paper)
    drawing, face = ImageDraw.Draw(image), ImageFont.load_default(size)
    lines = []
    for row, top in enumerate(range(size, HEIGHT - 2 * size, round(1.5 * size))):
        # every third line is a lone amount at the end
        at, words = (WIDTH - 3 * size, "7.5") if row % 3 == 2 else (size, WORDS[row % 40 :])
        drawing.text((at, top), words, ink, face)
        _, first, _, after = drawing.textbbox((at, top), words, face)
        lines.append((int(first), int(after)))
    return image, lines


def jpeg(image: Image.Image, quality: int = 75) -> Image.Image:
    data = BytesIO()
    image.save(data, "JPEG", quality=quality)
    return Image.open(data)


def cut_through(lines: Lines, rows: list[int]) -> Lines:
    """The lines of which one of the rows cuts off more than a twentieth of their height."""

    def is_cut(first: int, after: int) -> bool:
        margin = 1 + (after - first) // 20
        return any(first + margin < row < after - margin for row in rows)

    return [line for line in lines if is_cut(*line)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("#dddddd", "#222233"), ("#999", "white")])
def test_no_line_of_text_has_one_in_it_and_one_is_always_near(size: int, ink: str, paper: str) -> None:
    image, lines = receipt(size, ink, paper)
    rows = calm_rows(image)
    assert cut_through(lines, rows) == []
    assert cut_through(lines, calm_rows(jpeg(image))) == []
    assert max(after - before for before, after in pairwise(rows)) <= 200


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rules", MODELS)
def test_no_part_in_fine_print_cuts_a_line_that_is_not_whole_in_its_neighbour(
    size: int, rules: RequestRules
) -> None:
    image, lines = receipt(size)
    rows = fine_print(rules, WIDTH, HEIGHT, rules.max_images - 1, tuple(calm_rows(image))).grid.rows

    assert len(rows) > 1
    assert shared_spans(rows) == []
    assert cut_through(lines, [int(edge) for span in rows[:-1] for edge in span]) == []


def test_borders_and_rules_may_be_cut() -> None:
    image, lines = receipt(20)
    drawing = ImageDraw.Draw(image)
    for left in (8, 300, WIDTH - 10):
        drawing.line((left, 0, left, HEIGHT), "black", 2)
    assert len(calm_rows(image)) > len(lines) / 2


def test_of_a_wide_strip_they_are_columns_between_blocks_of_text() -> None:
    image = Image.new("RGB", (3000, 800), "white")
    drawing, face = ImageDraw.Draw(image), ImageFont.load_default(20)
    for left in (20, 1020, 2020):
        for top in range(20, 760, 30):
            drawing.text((left, top), WORDS[:80], "black", face)
    columns = calm_rows(image)
    length = face.getlength(WORDS[:80])
    assert any(20 + length < column < 1020 for column in columns)
    assert any(1020 + length < column < 2020 for column in columns)
    assert not any(left < column < left + length for column in columns for left in (20, 1020, 2020))


def test_what_is_no_strip_has_none() -> None:
    assert calm_rows(receipt(20)[0].crop((0, 0, 600, 1400))) == []
    assert calm_rows(Image.new("RGB", (1, 900))) == []


def test_noise_has_none_and_a_blank_strip_many() -> None:
    assert calm_rows(sample_images.noise((300, 3000)).convert("RGB")) == []
    assert len(calm_rows(Image.new("L", (300, 3000), 255))) > 60


def test_transparent_text_is_seen_on_its_ground() -> None:
    image, lines = receipt(20, "#ffffffff", "#00000000", "RGBA")
    assert cut_through(lines, calm_rows(image, "black")) == []


def test_the_gap_below_the_dot_of_a_large_letter_is_none() -> None:
    image, face = Image.new("RGB", (WIDTH, 2000), "white"), ImageFont.load_default(100)
    drawing, tops = ImageDraw.Draw(image), range(20, 1900, 150)
    for top in tops:
        drawing.text((20, top), "jju", "black", face)
    rows = calm_rows(image)
    assert cut_through([(top + 20, top + 110) for top in tops], rows) == []
    assert len(rows) >= len(tops)


def test_an_upload_has_them() -> None:
    data = BytesIO()
    receipt(20)[0].save(data, "PNG")
    processed = process(data, Limits(), MODELS[0])
    assert processed.calm_rows == calm_rows(receipt(20)[0])
