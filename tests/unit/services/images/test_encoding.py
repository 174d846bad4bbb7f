import pytest
from PIL import Image

from tests.support import sample_images
from tests.support.looking import opened, run


@pytest.mark.parametrize(
    ("source", "model", "thumbnail"),
    [
        ((1600, 1200), (1120, 840), (512, 384)),
        ((300, 400), (300, 400), (300, 400)),
        ((1, 1), (56, 56), (1, 1)),
        ((3000, 500), (2240, 373), (512, 85)),
        ((700, 2100), (560, 1680), (171, 512)),
        ((1, 20_000), (112, 2240), (1, 512)),
    ],
)
def test_copies_fit_their_frames_and_are_no_larger_than_the_source_unless_that_is_below_a_patch(
    source: tuple[int, int], model: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    processed = run(sample_images.encoded(Image.new("L", source, 120), "PNG"))
    assert (processed.original.width, processed.original.height) == source
    assert opened(processed.copy).size == model
    assert opened(processed.thumbnail).size == thumbnail


def test_noise_still_fits_the_byte_limits() -> None:
    processed = run(sample_images.encoded(sample_images.noise((1500, 1500)), "PNG"))
    assert len(processed.copy.data) <= 1_000_000
    assert len(processed.thumbnail.data) <= 25_000
    assert max(opened(processed.thumbnail).size) < 512


def test_the_original_is_lossless_only_where_that_is_worth_it() -> None:
    assert (
        run(sample_images.encoded(sample_images.scene((1000, 600)), "PNG")).original.content_type
        == "image/png"
    )
    assert (
        run(sample_images.encoded(Image.new("RGB", (2400, 2000)), "PNG")).original.content_type
        == "image/webp"
    )
    assert run(sample_images.encoded(sample_images.chart(), "HEIF")).original.content_type == "image/jpeg"


def test_an_original_too_long_for_webp_is_a_jpeg() -> None:
    source = sample_images.encoded(Image.new("RGBA", (20_000, 250), (0, 0, 0, 0)), "PNG")
    original = run(source).original
    assert (original.content_type, original.width) == ("image/jpeg", 20_000)
