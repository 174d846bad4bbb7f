"""Pages of TIFFs: counted without decoding, and drawn by what the process for them runs, here without it."""

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.support import odd_images, sample_images
from vision_chat.services.images import _tiff_child
from vision_chat.services.images._decoding import decode
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.tiff_pages import frames_of_pages, has_several_pages, is_tiff

MODES = {
    "fax": ("1", {"compression": "group4"}),
    "old fax": ("1", {"compression": "group3"}),
    "grey": ("L", {"compression": "tiff_lzw"}),
    "palette": ("P", {"compression": "packbits"}),
    "colour": ("RGB", {"compression": "tiff_lzw"}),
    "photograph": ("RGB", {"compression": "jpeg"}),
    "deflated": ("RGB", {"compression": "tiff_adobe_deflate"}),
    "transparent": ("RGBA", {}),
    "print": ("CMYK", {"compression": "tiff_lzw"}),
    "deep grey": ("I;16", {}),
    "whole numbers": ("I", {}),
    "floating point": ("F", {}),
}


def page(mode: str, size: tuple[int, int] = (600, 400)) -> Image.Image:
    """White, with a black bar at the top."""
    grey = Image.new("L", size, 255)
    ImageDraw.Draw(grey).rectangle((0, 0, size[0], size[1] // 4), fill=0)
    if mode in ("I;16", "I"):
        return grey.convert("I").point(lambda value: value * 257).convert(mode)
    return grey.convert("RGB").convert(mode) if mode in ("CMYK", "P", "RGBA", "RGB") else grey.convert(mode)


def document(tmp_path: Path, first: Image.Image, *others: Image.Image, **options: Any) -> Path:
    path = tmp_path / "document"
    first.save(path, "TIFF", save_all=True, append_images=others, **options)
    return path


def drawn(path: Path, number: int = 1, max_pixels: int = 100_000) -> Image.Image:
    """A page as it is seen."""
    pages = {str(number): frames_of_pages(path)[number - 1]}
    options = {"max_pixels": max_pixels, "max_side": 8000, "folder": str(path.parent)}
    assert _tiff_child.answer(["draw", {"path": str(path), "pages": pages, **options}]) == []
    with (path.parent / f"{number}.drawn").open("rb") as file:
        return decode(file, Limits()).image.convert("RGB")


def level(image: Image.Image, across: float, down: float) -> int:
    pixel = image.convert("L").getpixel((int(across * image.width), int(down * image.height)))
    assert isinstance(pixel, int)
    return pixel


@pytest.mark.parametrize("kind", MODES)
def test_pages_of_every_kind_are_drawn_small_and_upright(tmp_path: Path, kind: str) -> None:
    mode, options = MODES[kind]
    path = document(tmp_path, page(mode), page(mode).rotate(180), **options)
    first, second = drawn(path, 1), drawn(path, 2)

    assert frames_of_pages(path) == [0, 1]
    assert first.width * first.height <= 100_000
    assert first.width / first.height == pytest.approx(1.5, abs=0.02)
    assert level(first, 0.5, 0.1) < 30
    assert level(first, 0.5, 0.8) > 225
    assert level(second, 0.5, 0.9) < 30
    assert level(second, 0.5, 0.2) > 225


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_page_is_turned_as_the_file_says(tmp_path: Path, orientation: int) -> None:
    lying = sample_images.turned(page("RGB"), orientation)
    path = document(tmp_path, lying, lying, tiffinfo={274: orientation})
    image = drawn(path, 2)

    assert image.width > image.height
    assert level(image, 0.5, 0.1) < 30
    assert level(image, 0.5, 0.8) > 225


@pytest.mark.parametrize(
    ("resolution", "ratio"), [((204, 98), 600 / 832), ((98, 204), 1249 / 400), ((1, 900), 1.5), ((0, 0), 1.5)]
)
def test_pixels_of_a_fax_become_square(tmp_path: Path, resolution: tuple[int, int], ratio: float) -> None:
    info = {282: float(resolution[0]), 283: float(resolution[1])}
    path = document(tmp_path, page("1"), page("1"), compression="group4", tiffinfo=info)
    image = drawn(path)

    assert image.width / image.height == pytest.approx(ratio, rel=0.02)


def test_a_page_is_not_enlarged(tmp_path: Path) -> None:
    path = document(tmp_path, page("RGB", (60, 40)), page("RGB"))
    assert drawn(path, 1).size == (60, 40)


@pytest.mark.parametrize("photometric", [0, 1])
def test_in_deep_grey_zero_is_white_where_the_file_says_so(tmp_path: Path, photometric: int) -> None:
    path = tmp_path / "document"
    path.write_bytes(odd_images.grey_tiff((0, 65_535), photometric))
    image = drawn(path)

    assert level(image, 0, 0) == (0 if photometric else 255)
    assert level(image, 0.9, 0) == (255 if photometric else 0)


def test_colours_are_those_of_the_profile(tmp_path: Path) -> None:
    red = Image.new("RGB", (40, 40), (200, 40, 40))
    path = document(tmp_path, red, red, icc_profile=sample_images.wide_gamut_profile())
    with path.open("rb") as file:
        expected = decode(file, Limits()).image
    assert drawn(path).getpixel((5, 5)) == expected.getpixel((5, 5)) != (200, 40, 40)


def test_smaller_versions_and_masks_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "document"
    entries = {256: (4, (1,)), 257: (4, (1,)), 273: (4, (0,)), 279: (4, (1,))}
    kinds = [{}, {254: (4, (1,))}, {254: (4, (2,))}, {254: (3, (4,))}, {254: (3, (0,))}]
    for order in "<>":
        path.write_bytes(odd_images.tiff([entries | kind for kind in kinds], b"\0", order))
        assert frames_of_pages(path) == [0, 2, 4]
        assert has_several_pages(path)


def test_a_picture_in_several_sizes_and_raw_files_have_one_page(tmp_path: Path) -> None:
    path = tmp_path / "document"
    entries = {256: (4, (1,)), 257: (4, (1,))}
    path.write_bytes(odd_images.tiff([entries, entries | {254: (4, (1,))}], b""))
    assert not has_several_pages(path)
    main = entries | {50706: (1, (1, 4, 0, 0))}
    path.write_bytes(odd_images.tiff([main, entries], b""))
    assert len(frames_of_pages(path)) == 2
    assert not has_several_pages(path), "a DNG"


def test_a_big_tiff_is_one_too(tmp_path: Path) -> None:
    path = document(tmp_path, page("L"), page("L"), big_tiff=True)
    assert is_tiff(path)
    assert frames_of_pages(path) == [0, 1]
    assert level(drawn(path, 2), 0.5, 0.1) < 30


def test_directories_that_never_end_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "document"
    entry = struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 1)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + entry + struct.pack("<I", 8))
    assert frames_of_pages(path) == [0]


@pytest.mark.parametrize("length", [0, 3, 4, 8, 9, 20, 200])
def test_a_file_that_ends_early_has_the_pages_up_to_there(tmp_path: Path, length: int) -> None:
    path = document(tmp_path, page("L", (8, 8)), page("L", (8, 8)))
    path.write_bytes(path.read_bytes()[:length])
    assert len(frames_of_pages(path)) <= 1
    assert not has_several_pages(path)


@pytest.mark.parametrize("place", [2**63, 2**64 - 1])
def test_places_beyond_any_file_lead_nowhere(tmp_path: Path, place: int) -> None:
    path = tmp_path / "document"
    path.write_bytes(b"II+\0" + struct.pack("<HHQ", 8, 0, place))
    assert frames_of_pages(path) == []


def test_a_page_that_cannot_be_drawn_is_named_and_the_others_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = document(tmp_path, page("RGB", (50, 50)), page("RGB", (200, 100)), page("RGB", (50, 50)))
    monkeypatch.setattr(_tiff_child, "MAX_PIXELS", 10_000)
    options = {"max_pixels": 1000, "max_side": 1000, "folder": str(tmp_path)}
    arguments = {"path": str(path), "pages": {"1": 0, "2": 1, "3": 2, "4": 3}, **options}

    assert _tiff_child.answer(["draw", arguments]) == [2, 4]
    assert sorted(each.name for each in tmp_path.glob("*.drawn")) == ["1.drawn", "3.drawn"]
