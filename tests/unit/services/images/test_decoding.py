import random
from pathlib import Path

import pytest
from PIL import Image

from tests.support import sample_images
from tests.support.looking import (
    LIMITS,
    LLAMA,
    CountingFile,
    assert_is_the_chart,
    is_processed_or_refused,
    opened,
    renditions,
    run,
)
from vision_chat.errors.images import (
    ImageEmptyError,
    ImageNotReadableError,
    ImageTooLongError,
    ImageTooManyBytesError,
    ImageTooManyPixelsError,
    ImageTypeNotSupportedError,
)
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process

TURNABLE = [name for name in sample_images.FORMATS if name not in {"GIF", "BMP"}]


@pytest.mark.parametrize("name", sample_images.FORMATS)
def test_every_format_gives_the_three_images(name: str) -> None:
    processed = run(sample_images.laden(sample_images.chart(), name))

    assert processed.source_format == name
    for rendition in renditions(processed):
        assert (rendition.width, rendition.height) == opened(rendition).size == (240, 160)
        assert Image.MIME[str(opened(rendition).format)] == rendition.content_type
        assert_is_the_chart(rendition)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", TURNABLE)
def test_every_orientation_comes_out_upright(name: str, orientation: int) -> None:
    for rendition in renditions(run(sample_images.laden(sample_images.chart(), name, orientation))):
        assert opened(rendition).size == (240, 160)
        assert_is_the_chart(rendition)


@pytest.mark.parametrize("name", sample_images.FORMATS)
def test_no_metadata_survives_in_any_image(name: str) -> None:
    source = sample_images.laden(sample_images.chart(), name)
    assert sample_images.SECRET in source

    for rendition in renditions(run(source)):
        assert sample_images.SECRET not in rendition.data
        assert not opened(rendition).getexif()
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(opened(rendition).info)


def test_metadata_without_an_end_of_its_own_does_not_hide_behind_the_image() -> None:
    for rendition in renditions(run(sample_images.encoded(sample_images.chart(), "PNG") + b"SECRET" * 1000)):
        assert sample_images.SECRET not in rendition.data


def test_broken_exif_does_not_cost_the_image() -> None:
    source = sample_images.encoded(
        sample_images.chart(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken"
    )
    assert_is_the_chart(run(source).original)


def test_a_name_or_type_that_lies_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(sample_images.laden(sample_images.chart(), "HEIF"))
    assert process(path, LIMITS, LLAMA).source_format == "HEIF"


@pytest.mark.parametrize("name", ["GIF", "WEBP", "AVIF", "TIFF", "PNG"])
def test_only_the_first_frame_of_many_is_kept(name: str) -> None:
    processed = run(sample_images.animation(name))
    assert_is_the_chart(processed.original)
    assert not getattr(opened(processed.original), "is_animated", False)


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%PDF-1.7 and so on",
        b"Dear diary",
        b"\0",
        bytes(range(256)) * 40,
        sample_images.encoded(Image.new("RGB", (4, 4)), "ICO"),
        sample_images.encoded(Image.new("RGB", (4, 4)), "PPM"),
    ],
    ids=["svg", "html", "pdf", "text", "one byte", "bytes", "ico", "ppm"],
)
def test_a_file_that_is_no_supported_image_is_refused_with_the_types_that_are(data: bytes) -> None:
    with pytest.raises(ImageTypeNotSupportedError) as caught:
        run(data)
    assert "JPEG, PNG" in str(caught.value)


def test_an_empty_file_is_told_apart() -> None:
    with pytest.raises(ImageEmptyError):
        run(b"")


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    file = CountingFile(sample_images.encoded(sample_images.noise((200, 200)), "PNG"))
    with pytest.raises(ImageTooManyBytesError) as caught:
        process(file, Limits(max_bytes=50_000), LLAMA)
    assert "0.05 MB" in str(caught.value)
    assert file.count == 0


@pytest.mark.parametrize("size", [(60_000, 60_000), (9_000, 9_000), (2_000_000_000, 2_000_000_000)])
def test_a_decompression_bomb_is_refused_with_the_limit(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooManyPixelsError) as caught:
        run(sample_images.bomb(*size))
    assert "50 megapixels" in str(caught.value)


@pytest.mark.parametrize("name", [name for name in sample_images.FORMATS if name != "JPEG"])
def test_too_many_pixels_are_refused_before_they_are_decoded(name: str) -> None:
    whole = sample_images.encoded(sample_images.chart((1100, 1000)), name)
    with pytest.raises(ImageTooManyPixelsError):
        run(whole, Limits(max_megapixels=1))


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_the_general_brand_of_a_container_hides_no_format(name: str) -> None:
    source = bytearray(sample_images.encoded(sample_images.chart(), name))
    source[8:12] = b"mif1"
    assert run(bytes(source)).source_format == name


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    with pytest.raises(ImageNotReadableError) as caught:
        run(sample_images.jpeg_with_scans(200))
    assert "scans" in caught.value.detail


def test_a_jpeg_of_endless_padding_is_refused() -> None:
    data = sample_images.encoded(sample_images.chart(), "JPEG")
    assert_is_the_chart(run(data[:2] + b"\xff" * 1_000 + data[2:]).original)
    with pytest.raises(ImageNotReadableError):
        run(data[:2] + b"\xff" * 100_000 + data[2:])


def test_a_progressive_jpeg_is_as_good_as_any() -> None:
    assert_is_the_chart(run(sample_images.jpeg_with_scans(0)).original)


def test_an_image_longer_than_any_format_can_hold_is_refused() -> None:
    with pytest.raises(ImageTooLongError, match="65500"):
        run(sample_images.encoded(Image.new("1", (70_000, 1)), "PNG"))


@pytest.mark.parametrize("name", sample_images.FORMATS)
def test_an_image_cut_in_half_is_refused_with_a_sentence(name: str) -> None:
    data = sample_images.encoded(sample_images.scene((200, 150)), name)
    with pytest.raises(ImageNotReadableError, match="damaged or incomplete") as caught:
        run(data[: len(data) // 2])
    assert caught.value.detail


@pytest.mark.parametrize("name", sample_images.FORMATS)
def test_an_image_cut_anywhere_raises_nothing_but_image_errors(name: str) -> None:
    data = sample_images.laden(sample_images.scene((48, 32)), name)
    for end in range(0, len(data), max(1, len(data) // 150)):
        assert is_processed_or_refused(data[:end])


@pytest.mark.parametrize("name", sample_images.FORMATS)
def test_an_image_with_damage_anywhere_raises_nothing_but_image_errors(name: str) -> None:
    data = sample_images.laden(sample_images.scene((48, 32)), name)
    for seed in range(150):
        chance = random.Random(seed)
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 3, 30))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        assert is_processed_or_refused(bytes(damaged))
