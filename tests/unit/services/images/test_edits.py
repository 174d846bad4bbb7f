"""Edited images are held against a reference that looks up each pixel by itself."""

from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support import odd_images, sample_images
from tests.support.looking import LIMITS, LLAMA, opened, run
from vision_chat.errors.images import ImageEditError, TooManyImageEditsError
from vision_chat.services.images.edits import (
    MAX_AREAS,
    MAX_LETTERS,
    Box,
    Edit,
    Mark,
    apply_edit,
    check_edit,
    marks_in_crop,
)
from vision_chat.services.images.processing import process_edit

SIZE = (23, 17)
BLACK = {"L": 0, "RGB": (0, 0, 0), "RGBA": (0, 0, 0, 255)}


def colourful(mode: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """No two pixels are alike where the mode has enough colours."""
    image = Image.new("RGBA", size)
    image.putdata(
        [
            (7 * x % 256, 11 * y % 256, (x + 3 * y) % 256, 40 + x)
            for y in range(size[1])
            for x in range(size[0])
        ]
    )
    return image.convert(mode)


def source_of(x: int, y: int, edit: Edit, size: tuple[int, int]) -> tuple[int, int]:
    """Return where the pixel of the turned image was, one turn after the other."""
    width, height = size if edit.turns % 2 == 0 else size[::-1]
    for _ in range(edit.turns):
        # undo one turn clockwise: what is right has been above
        x, y = y, width - 1 - x
        width, height = height, width
    return (width - 1 - x if edit.flip else x), y


def reference(image: Image.Image, edit: Edit) -> Image.Image:
    """Return the edited image, made pixel by pixel."""
    width, height = image.size if edit.turns % 2 == 0 else image.size[::-1]
    crop = edit.crop or Box(x=0, y=0, width=width, height=height)
    result = Image.new(image.mode, (crop.width, crop.height))
    for y in range(crop.height):
        for x in range(crop.width):
            at = (x + crop.x, y + crop.y)
            is_redacted = any(
                box.x <= at[0] < box.x + box.width and box.y <= at[1] < box.y + box.height
                for box in edit.redactions
            )
            colour: Any = (
                BLACK[image.mode] if is_redacted else image.getpixel(source_of(*at, edit, image.size))
            )
            result.putpixel((x, y), colour)
    return result


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Box:
    x, y = draw(st.integers(0, size[0] - 1)), draw(st.integers(0, size[1] - 1))
    return Box(x=x, y=y, width=draw(st.integers(1, size[0] - x)), height=draw(st.integers(1, size[1] - y)))


@st.composite
def edits(draw: st.DrawFn, size: tuple[int, int] = SIZE) -> Edit:
    turns = draw(st.integers(0, 3))
    turned = size if turns % 2 == 0 else size[::-1]
    return Edit(
        flip=draw(st.booleans()),
        turns=turns,
        redactions=draw(st.lists(boxes(turned), max_size=3)),
        crop=draw(st.none() | boxes(turned)),
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@given(edit=edits())
def test_an_edited_image_is_exact_in_every_pixel(mode: str, edit: Edit) -> None:
    image = colourful(mode)
    expected = reference(image, edit)
    check_edit(edit, *image.size)

    made = apply_edit(image, edit)
    assert (made.mode, made.size) == (expected.mode, expected.size)
    assert made.tobytes() == expected.tobytes()


CMYK = sample_images.encoded(sample_images.chart((64, 48)).convert("CMYK"), "JPEG", quality=95)
UPLOADS = {
    "JPEG": sample_images.laden(sample_images.chart((64, 48)), "JPEG", 6),
    "CMYK": CMYK,
    "PNG with alpha": sample_images.encoded(colourful("RGBA", (64, 48)), "PNG"),
    "PNG of 16 bits": odd_images.colour_png(tuple(range(0, 65_000, 5_000))),
    "WebP with alpha": sample_images.encoded(colourful("RGBA", (64, 48)), "WEBP", lossless=True),
    "WebP": sample_images.encoded(colourful("RGB", (64, 48)), "WEBP"),
    "GIF": sample_images.encoded(sample_images.chart((64, 48)), "GIF"),
    "TIFF": sample_images.laden(sample_images.chart((64, 48)), "TIFF"),
    "HEIF": sample_images.laden(sample_images.chart((64, 48)), "HEIF"),
}
LOSSLESS = {"PNG", "GIF", "TIFF", "BMP"}


@pytest.mark.parametrize("kind", UPLOADS)
def test_a_stored_original_of_any_format_is_edited_at_its_full_size(kind: str) -> None:
    upload = run(UPLOADS[kind])
    original = opened(upload.original)
    original.load()
    width, height = original.height, original.width  # turned
    edit = Edit(
        flip=True,
        turns=1,
        redactions=[Box(x=0, y=0, width=max(1, width // 2), height=max(1, height // 2))],
        crop=Box(x=0, y=0, width=max(1, width - 1), height=max(1, height - 1)),
    )
    expected = reference(original, edit)

    made = process_edit(BytesIO(upload.original.data), edit, upload.source_format, LIMITS, LLAMA)
    image = opened(made.original)
    assert image.size == expected.size
    if upload.source_format in LOSSLESS:
        assert image.convert("RGBA").tobytes() == expected.convert("RGBA").tobytes()
    else:
        darkest = image.convert("RGB").crop((0, 0, max(1, width // 2 - 8), max(1, height // 2 - 8)))
        assert max(high for _, high in darkest.getextrema()) < 40  # type: ignore[misc]  # three bands
    assert made.thumbnail.width == made.copy.width or made.copy.width >= made.thumbnail.width


@pytest.mark.parametrize(
    "change",
    [
        {"crop": Box(x=0, y=0, width=24, height=17)},
        {"crop": Box(x=22, y=16, width=1, height=2)},
        {"redactions": [Box(x=23, y=0, width=1, height=1)]},
        {"turns": 1, "redactions": [Box(x=17, y=0, width=1, height=1)]},
        {"marks": [Mark(kind="arrow", x=1, y=1, width=-2)]},
        {"marks": [Mark(kind="text", x=24, y=1, text="here")]},
    ],
)
def test_an_edit_that_reaches_beyond_the_image_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ImageEditError):
        check_edit(Edit(**change), *SIZE)


def test_an_edit_of_too_many_areas_is_refused() -> None:
    areas = [Box(x=0, y=0, width=1, height=1)] * (MAX_AREAS + 1)
    with pytest.raises(TooManyImageEditsError):
        check_edit(Edit(redactions=areas), *SIZE)


def test_an_edit_of_too_many_letters_is_refused() -> None:
    marks = [Mark(kind="text", x=1, y=1, text="a" * 50)] * (MAX_LETTERS // 50)
    check_edit(Edit(marks=marks), *SIZE)
    with pytest.raises(TooManyImageEditsError):
        check_edit(Edit(marks=[*marks, Mark(kind="number", x=1, y=1, text="1")]), *SIZE)


@pytest.mark.parametrize(
    "text",
    [
        '{"crop": {"x": NaN, "y": 0, "width": 1, "height": 1}}',
        '{"crop": {"x": 1e400, "y": 0, "width": 1, "height": 1}}',
        '{"crop": {"x": -1, "y": 0, "width": 1, "height": 1}}',
        '{"crop": {"x": 0, "y": 0, "width": 0, "height": 1}}',
        '{"crop": {"x": 0.5, "y": 0, "width": 1, "height": 1}}',
        '{"turns": 4}',
        '{"turns": 1, "path": "/etc/passwd"}',
        '{"marks": [{"kind": "text", "x": 1, "y": 1, "text": "%s"}]}' % ("a" * 81),
        '{"marks": [{"kind": "script", "x": 1, "y": 1}]}',
    ],
)
def test_an_edit_that_no_editor_makes_cannot_be_read(text: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(text, type=Edit)


def test_marks_move_with_the_crop_and_those_outside_are_left_out() -> None:
    inside, outside = Mark(kind="number", x=10, y=8, text="1"), Mark(kind="number", x=2, y=2, text="2")
    crop = Box(x=5, y=5, width=10, height=10)
    assert marks_in_crop(Edit(marks=[inside, outside], crop=crop)) == [
        Mark(kind="number", x=5, y=3, text="1")
    ]
