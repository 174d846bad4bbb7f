"""A corpus of what is really out there, made here: each with what has to become of it."""

from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image, ImageFile

from tests.support import odd_images, sample_images
from tests.support.looking import (
    assert_is_the_chart,
    close,
    is_processed_or_refused,
    opened,
    pixel,
    renditions,
    run,
)
from vision_chat.errors.images import ImageNotReadableError, ImageRawError, ImageTooManyPixelsError
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.notes import ImageNote

SCENE = sample_images.scene((800, 600))
MODES = {
    "plain": {},
    "restarts": {"restart_marker_rows": 1},
    "progressive": {"progressive": True},
    "fine colours": {"progressive": True, "subsampling": 0},
}


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
@pytest.mark.parametrize("lost", [2, 60, 0.03])
def test_a_jpeg_without_its_last_bytes_is_taken_with_a_note(
    lost: float, options: dict[str, object], mode: str
) -> None:
    data = sample_images.encoded(SCENE.convert(mode), "JPEG", **options)
    processed = run(data[: -int(lost if lost >= 1 else lost * len(data))])

    assert processed.notes == (ImageNote.CUT_OFF,)
    whole = run(data)
    assert close(pixel(processed.original, 0.5, 0.5), pixel(whole.original, 0.5, 0.5), tolerance=2)
    assert whole.notes == ()


@pytest.mark.parametrize("padding", [b"", b"\xff\xff"])
def test_a_scan_of_the_thumbnail_is_none_of_those_that_are_missing(padding: bytes) -> None:
    exif = sample_images.exif_block(1)
    data = sample_images.encoded(SCENE, "JPEG", progressive=True, exif=exif)
    data = data[:2] + padding + data[2:]

    assert run(data[:-2]).notes == (ImageNote.CUT_OFF,)
    with pytest.raises(ImageNotReadableError):
        run(data[: data.rindex(b"\xff\xda")])


def test_a_scan_whose_marker_is_cut_by_the_border_of_two_reads_is_no_missing_one() -> None:
    data = sample_images.encoded(SCENE, "JPEG", progressive=True)
    before_border = ImageFile.MAXBLOCK - 1
    comment = before_border - data.rindex(b"\xff\xda") - 2
    data = data[:2] + b"\xff\xfe" + comment.to_bytes(2) + bytes(comment - 2) + data[2:]

    assert data.rindex(b"\xff\xda") == before_border
    assert run(data[:-2]).notes == (ImageNote.CUT_OFF,)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_half_a_jpeg_is_damaged(options: dict[str, object], mode: str) -> None:
    data = sample_images.encoded(SCENE.convert(mode), "JPEG", **options)
    with pytest.raises(ImageNotReadableError):
        run(data[: len(data) // 2])


@pytest.mark.parametrize("ending", [bytes(50_000), b"\xff\xd9"], ids=["zeros", "the mark of an end"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_half_a_jpeg_that_something_follows_is_damaged(mode: str, ending: bytes) -> None:
    data = sample_images.encoded(SCENE.convert(mode), "JPEG")
    with pytest.raises(ImageNotReadableError):
        run(data[: len(data) // 2] + ending)


@pytest.mark.parametrize("ending", [bytes(50_000), b"\xff\xd9"], ids=["zeros", "the mark of an end"])
def test_a_jpeg_whose_last_bytes_something_stands_for_is_taken_with_a_note(ending: bytes) -> None:
    data = sample_images.encoded(SCENE, "JPEG")
    assert run(data[: -len(data) // 20] + ending).notes == (ImageNote.CUT_OFF,)


@pytest.mark.parametrize("after", [b"", bytes(50_000), b"\xff\xd9" * 3, b"SECRET" * 9_000])
def test_a_whole_jpeg_that_is_grey_below_or_followed_by_something_needs_no_note(after: bytes) -> None:
    page = Image.new("RGB", (800, 600), (128, 128, 128))
    page.paste(SCENE.crop((0, 0, 800, 200)))
    assert run(sample_images.encoded(page, "JPEG") + after).notes == ()


@pytest.mark.parametrize("options", MODES.values(), ids=MODES)
def test_a_page_that_is_empty_below_is_no_damaged_jpeg(options: dict[str, object]) -> None:
    page = Image.new("RGB", (800, 600), "white")
    page.paste(SCENE.crop((0, 0, 800, 200)))
    assert run(sample_images.encoded(page, "JPEG", **options)[:-2]).notes == (ImageNote.CUT_OFF,)


@pytest.mark.parametrize("size", [(3000, 2000), (2001, 1501)])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_up_to_four_times_the_limit_is_kept_at_half_its_size(
    size: tuple[int, int], *, progressive: bool
) -> None:
    data = sample_images.encoded(sample_images.chart(size), "JPEG", progressive=progressive)
    processed = run(data, Limits(max_megapixels=2))

    assert processed.source_size == size
    assert (processed.original.width, processed.original.height) == tuple((side + 1) // 2 for side in size)
    assert processed.notes == (ImageNote.REDUCED,)
    for rendition in renditions(processed):
        assert_is_the_chart(rendition)


def test_the_size_of_a_reduced_photograph_is_said_as_it_stands_upright() -> None:
    processed = run(sample_images.photograph((1600, 1000)), Limits(max_megapixels=1))
    assert processed.source_size == (1000, 1600)
    assert (processed.original.width, processed.original.height) == (500, 800)


def test_a_jpeg_beyond_four_times_the_limit_is_refused_with_that_limit() -> None:
    with pytest.raises(ImageTooManyPixelsError, match="4 megapixels"):
        run(sample_images.encoded(sample_images.chart((2500, 2000)), "JPEG"), Limits(max_megapixels=1))


def test_a_progressive_jpeg_is_reduced_further_where_its_scans_need_the_memory() -> None:
    data = sample_images.encoded(sample_images.chart((2000, 1000)), "JPEG", progressive=True, subsampling=0)
    processed = run(data, Limits(max_memory=14_000_000))  # 12 MB of coefficients
    assert (processed.original.width, processed.original.height) == (500, 250)

    with pytest.raises(ImageTooManyPixelsError):
        run(data, Limits(max_memory=10_000_000))


def test_a_format_whose_decoder_needs_more_memory_has_a_lower_limit() -> None:
    few = Limits(max_memory=18_000_000)  # a million pixels of WebP, two of others
    chart = sample_images.chart((1400, 1000))
    assert_is_the_chart(run(sample_images.encoded(chart, "PNG"), few).original)
    with pytest.raises(ImageTooManyPixelsError, match="save it as JPEG"):
        run(sample_images.encoded(chart, "WEBP"), few)


def test_text_in_a_png_costs_nothing_however_long_it_is() -> None:
    processed = run(odd_images.png_with_text())
    assert_is_the_chart(processed.original)
    assert sample_images.SECRET not in processed.original.data


@pytest.mark.parametrize(
    ("name", "data"),
    [(b"tEXt", b"no end"), (b"zTXt", b"key\0\0broken"), (b"iCCP", b"p\0\0broken"), (b"ruSt", bytes(500))],
)
def test_a_damaged_or_unknown_chunk_beside_the_pixels_costs_nothing(name: bytes, data: bytes) -> None:
    damaged = bytearray(odd_images.png_with_chunk(name, data))
    damaged[33 + 8 + len(data)] ^= 255  # its checksum
    if name == b"iCCP":
        damaged[33 + 8 + len(data)] ^= 255
    assert_is_the_chart(run(bytes(damaged)).original)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -3.4e38])
def test_places_without_a_number_are_black_and_leave_the_others_their_range(value: float) -> None:
    heights = Image.new("F", (3, 1))
    for x, height in enumerate((value, 100.0, 200.0)):
        heights.putpixel((x, 0), height)
    original = run(sample_images.encoded(heights, "TIFF")).original
    assert [pixel(original, x, 0)[0] for x in (0, 0.5, 1)] == [0, 100, 200]


def test_twelve_bits_in_sixteen_are_stretched() -> None:
    original = run(odd_images.grey_tiff((0, 2048, 4095), 1)).original
    assert [pixel(original, x, 0)[0] for x in (0, 0.5, 1)] == [0, 127, 255]


@pytest.mark.parametrize("big_endian", [False, True])
def test_sixteen_bits_in_which_zero_is_white_come_out_the_right_way_round(*, big_endian: bool) -> None:
    original = run(odd_images.grey_tiff((0, 32768, 65535), 0, big_endian=big_endian)).original
    assert [pixel(original, x, 0)[0] for x in (0, 0.5, 1)] == [255, 128, 0]


DEEP_COLOURS = {
    "TIFF": odd_images.colour_tiff,
    "big-endian TIFF": partial(odd_images.colour_tiff, big_endian=True),
    "packed TIFF": partial(odd_images.colour_tiff, packed=True),
    "packed big-endian TIFF": partial(odd_images.colour_tiff, packed=True, big_endian=True),
    "PNG": odd_images.colour_png,
}


@pytest.mark.parametrize("white", [255, 1023, 4095, 16383, 65535])
@pytest.mark.parametrize("written", DEEP_COLOURS.values(), ids=DEEP_COLOURS)
def test_colours_of_any_usual_depth_in_sixteen_bits_are_stretched(
    written: Callable[[tuple[int, ...]], bytes], white: int
) -> None:
    half, quarter = white // 2, white // 4
    original = run(written((white, 0, half, 0, 0, 0, quarter, white, white))).original
    seen = [pixel(original, x, 0) for x in (0, 0.5, 1)]
    assert all(map(partial(close, tolerance=1), seen, [(255, 0, 127), (0, 0, 0), (63, 255, 255)]))


def test_alpha_beside_colours_of_twelve_bits_is_left_alone() -> None:
    values = (4095, 0, 2047, 65535, 0, 0, 0, 0, 0, 4095, 4095, 32768)
    original = run(odd_images.colour_png(values, channels=4)).original
    pixels = [opened(original).getpixel((x, 0)) for x in range(3)]
    assert pixels == [(255, 0, 127, 255), (0, 0, 0, 0), (0, 255, 255, 128)]


def test_a_bmp_whose_alpha_is_zero_throughout_is_opaque() -> None:
    for rendition in renditions(run(odd_images.bmp_with_alpha(sample_images.chart(), 0))):
        assert_is_the_chart(rendition)


def test_a_bmp_that_is_transparent_in_part_stays_so() -> None:
    assert run(odd_images.bmp_with_alpha(sample_images.chart(), 128)).ground == "white"


@pytest.mark.parametrize(
    ("ink", "under", "ground"),
    [
        ("white", (255, 255, 255, 0), "black"),
        ("white", (0, 0, 0, 0), "black"),
        ("black", (0, 0, 0, 0), "white"),
        ("black", (255, 0, 255, 0), "white"),
        ("yellow", (0, 0, 0, 0), "black"),
        ("gray", (0, 0, 0, 0), "white"),
        ("navy", (255, 255, 255, 0), "white"),
    ],
)
def test_what_is_transparent_is_shown_on_a_ground_that_contrasts(
    ink: str, under: tuple[int, int, int, int], ground: str
) -> None:
    processed = run(sample_images.encoded(odd_images.written(ink, under), "PNG"))
    assert processed.ground == ground
    for rendition in (processed.copy, processed.thumbnail):
        low, high = opened(rendition).convert("L").getextrema()
        assert high - low > 100  # type: ignore[operator]  # one band


def test_white_and_black_on_nothing_are_shown_on_grey() -> None:
    both = odd_images.written("white", (0, 0, 0, 0))
    both.paste("black", (200, 0, 320, 240))
    assert run(sample_images.encoded(both, "PNG")).ground == "grey"


@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
@pytest.mark.parametrize(
    ("transfer", "code", "least"),
    [(16, 0.5807, 190), (18, 0.75, 190), (16, 0.2, 1), (18, 1.0, 240)],
    ids=["PQ paper white", "HLG paper white", "PQ shadow", "HLG peak"],
)
def test_light_named_by_numbers_is_toned(name: str, transfer: int, code: float, least: int) -> None:
    level = round(255 * code)
    plain = sample_images.encoded(Image.new("RGB", (64, 64), (level, level, level)), name)
    red, green, blue = pixel(run(odd_images.with_nclx(plain, 9, transfer)).original, 0.5, 0.5)
    assert max(red, green, blue) - min(red, green, blue) <= 3
    assert least < green <= 255


def test_light_of_a_png_named_by_numbers_is_toned() -> None:
    processed = run(odd_images.png_with_chunk(b"cICP", bytes((9, 16, 0, 1))))
    assert processed.source_size == (240, 160)
    assert pixel(processed.original, 0.8, 0.8)[0] > 250  # 10,000 nits


def test_numbers_that_mean_srgb_leave_every_value_alone() -> None:
    assert_is_the_chart(run(odd_images.png_with_chunk(b"cICP", bytes((1, 13, 0, 1)))).original)


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("empty", [(0, 0, 0, 0), (255, 255, 255, 255)], ids=["transparent", "white"])
def test_the_first_frame_that_shows_something_is_taken(name: str, empty: tuple[int, int, int, int]) -> None:
    first = Image.new("RGBA", (240, 160), empty)
    frames = [first, sample_images.chart().convert("RGBA"), Image.new("RGBA", (240, 160), "teal")]
    processed = run(odd_images.animation(name, frames))
    assert processed.notes == (ImageNote.FIRST_FRAME,)
    assert_is_the_chart(processed.original)


def test_an_animation_that_shows_nothing_is_taken_as_it_begins() -> None:
    frames = [Image.new("RGBA", (40, 30), (0, 0, 0, 0)), Image.new("RGBA", (40, 30), (0, 0, 0, 0))]
    frames[1].putpixel((0, 0), (1, 1, 1, 1))
    assert run(odd_images.animation("WEBP", frames)).notes == (ImageNote.FIRST_FRAME,)


def test_of_several_pages_the_first_is_taken_with_a_note() -> None:
    processed = run(sample_images.animation("TIFF"))
    assert processed.notes == (ImageNote.FIRST_PAGE,)
    assert_is_the_chart(processed.original)


RAW = {
    "DNG": odd_images.raw_tiff("Adobe", odd_images.jpeg_preview(), tags={50706: (1, (1, 4, 0, 0))}),
    "NEF": odd_images.raw_tiff("NIKON CORPORATION", odd_images.jpeg_preview()),
    "ARW": odd_images.raw_tiff("SONY", odd_images.jpeg_preview()),
    "CR2": odd_images.raw_tiff("Canon", odd_images.jpeg_preview()),
    "ORF": odd_images.raw_tiff("OLYMPUS", odd_images.jpeg_preview(), magic=b"IIRO"),
    "RW2": odd_images.raw_tiff("Panasonic", odd_images.jpeg_preview(), magic=b"IIU\0"),
    "RAF": b"FUJIFILMCCD-RAW 0201" + bytes(200) + odd_images.jpeg_preview() + bytes(9000),
    "CR3": odd_images.canon_raw(odd_images.jpeg_preview()),
}


@pytest.mark.parametrize("name", RAW)
def test_the_large_preview_of_a_raw_file_is_taken_with_a_note(name: str) -> None:
    processed = run(RAW[name])
    assert processed.notes == (ImageNote.RAW_PREVIEW,)
    assert processed.source_size == (1600, 1200)
    assert processed.source_format == "JPEG"
    for rendition in renditions(processed):
        assert_is_the_chart(rendition)


@pytest.mark.parametrize(
    "data",
    [
        odd_images.raw_tiff(
            "SONY",
            sample_images.encoded(sample_images.turned(sample_images.chart((900, 700)), 6), "JPEG"),
            orientation=6,
        ),
        odd_images.canon_raw(
            sample_images.encoded(sample_images.turned(sample_images.chart((900, 700)), 6), "JPEG"), 6
        ),
    ],
    ids=["tags", "boxes"],
)
def test_a_preview_is_turned_as_its_raw_file_says(data: bytes) -> None:
    original = run(data).original
    assert (original.width, original.height) == (900, 700)
    assert_is_the_chart(original)


@pytest.mark.parametrize(
    ("data", "maker"),
    [
        (odd_images.raw_tiff("NIKON CORPORATION", odd_images.jpeg_preview((320, 240))), "Nikon"),
        (odd_images.raw_tiff("SONY", b""), "Sony"),
        (odd_images.canon_raw(b""), "Canon"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(900), "Fujifilm"),
        (b"FOVb" + bytes(900), "Sigma"),
    ],
)
def test_a_raw_file_without_a_large_preview_is_refused_by_name(data: bytes, maker: str) -> None:
    with pytest.raises(ImageRawError, match=f"This is a {maker} raw file"):
        run(data)


def test_a_tiff_that_a_camera_program_saved_is_no_raw_file() -> None:
    tags = sample_images.laden(sample_images.chart(), "TIFF")
    assert run(tags).notes == ()
    assert_is_the_chart(run(tags).original)


@pytest.mark.parametrize("name", RAW)
def test_a_raw_file_cut_anywhere_raises_nothing_but_image_errors(name: str) -> None:
    data = RAW[name]
    for end in range(0, len(data), len(data) // 40):
        assert is_processed_or_refused(data[:end])
