from io import BytesIO

import pytest
from PIL import Image, ImageChops

from tests.support.looking import LIMITS, LLAMA, close, opened
from tests.support.sample_images import encoded
from vision_chat.errors.images import ImageTextError
from vision_chat.services.images.edits import Edit, Mark
from vision_chat.services.images.marks import COLOUR, check_texts, draw_marks
from vision_chat.services.images.processing import process_edit

GREY = Image.new("RGB", (640, 480), "gray")
ARROW = Mark(kind="arrow", x=100, y=100, width=200, height=100)
BOX = Mark(kind="box", x=400, y=300, width=100, height=50)
NUMBER = Mark(kind="number", x=50, y=400, text="3")
TEXT = Mark(kind="text", x=300, y=20, text="here")


def drawn_area(mark: Mark) -> tuple[int, int, int, int]:
    area = ImageChops.difference(draw_marks(GREY, [mark]), GREY).getbbox()
    assert area is not None
    return area


@pytest.mark.parametrize(
    ("mark", "area"),
    [
        (ARROW, (100, 100, 300, 200)),
        (BOX, (400, 300, 500, 350)),
        (NUMBER, (34, 384, 66, 416)),
        (TEXT, (300, 20, 345, 40)),
    ],
    ids=["arrow", "box", "number", "text"],
)
def test_a_mark_stands_where_it_was_put(mark: Mark, area: tuple[int, int, int, int]) -> None:
    for side, expected in zip(drawn_area(mark), area, strict=True):
        assert abs(side - expected) <= 8


def test_marks_are_on_thumbnail_and_copy_and_not_on_the_original() -> None:
    made = process_edit(BytesIO(encoded(GREY, "PNG")), Edit(marks=[BOX]), "PNG", LIMITS, LLAMA)
    assert made.marked is not None

    edge = (400, 325)
    assert close(opened(made.marked).convert("RGB").getpixel(edge), COLOUR)  # type: ignore[arg-type]  # three bands
    assert opened(made.original).getextrema() == ((128, 128),) * 3
    for rendition in (made.thumbnail, made.copy):
        red, _, blue = opened(rendition).convert("RGB").split()
        extrema = ImageChops.subtract(red, blue).getextrema()
        assert extrema[1] > 60  # type: ignore[operator]  # one band


def test_a_mark_does_not_change_the_image_it_is_drawn_on() -> None:
    image = GREY.copy()
    draw_marks(image, [ARROW])
    assert image.tobytes() == GREY.tobytes()


def test_a_text_without_a_font_is_refused_with_its_letters() -> None:
    check_texts([TEXT, Mark(kind="text", x=0, y=0, text="Crème – 5 €, “ok”")])
    with pytest.raises(ImageTextError) as refused:
        check_texts([Mark(kind="text", x=0, y=0, text="\U0010fffd here")])
    assert refused.value.params == {"letters": "\U0010fffd"}
