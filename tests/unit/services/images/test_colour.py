import pytest
from PIL import Image

from tests.support import sample_images
from tests.support.looking import assert_is_the_chart, close, opened, pixel, renditions, run
from vision_chat.errors.images import ImageNotReadableError


def test_wide_gamut_colours_become_srgb() -> None:
    pale_green = Image.new("RGB", (64, 64), (150, 200, 150))
    wide = run(sample_images.encoded(pale_green, "PNG", icc_profile=sample_images.wide_gamut_profile()))
    plain = run(sample_images.encoded(pale_green, "PNG"))

    assert pixel(plain.original, 0.5, 0.5) == (150, 200, 150)
    red, green, _ = pixel(wide.original, 0.5, 0.5)
    assert red < 135  # the same numbers mean a stronger green in the wide gamut
    assert green >= 200


def test_an_srgb_profile_leaves_every_value_alone() -> None:
    source = sample_images.scene((64, 64))
    kept = opened(
        run(sample_images.encoded(source, "PNG", icc_profile=sample_images.srgb_profile())).original
    )
    assert kept.tobytes() == source.tobytes()


def test_a_grey_profile_is_applied_and_the_image_stays_grey() -> None:
    dark = sample_images.encoded(
        Image.new("L", (8, 8), 128), "PNG", icc_profile=sample_images.grey_profile(1.0)
    )
    original = run(dark).original
    assert opened(original).mode == "L"
    assert close(pixel(original, 0.5, 0.5), (188, 188, 188), tolerance=2)  # half of the light, in sRGB


def test_a_profile_for_another_kind_of_image_counts_as_none() -> None:
    odd = sample_images.encoded(
        Image.new("L", (8, 8), 128), "PNG", icc_profile=sample_images.wide_gamut_profile()
    )
    assert pixel(run(odd).original, 0.5, 0.5) == (128, 128, 128)


@pytest.mark.parametrize("profile", [b"not a profile", sample_images.wide_gamut_profile()[:200]])
def test_a_damaged_profile_counts_as_none(profile: bytes) -> None:
    assert_is_the_chart(
        run(sample_images.encoded(sample_images.chart(), "PNG", icc_profile=profile)).original
    )


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_middle(name: str) -> None:
    grey = Image.new("I;16", (8, 8), 32768)
    for rendition in renditions(run(sample_images.encoded(grey, name))):
        assert close(pixel(rendition, 0.5, 0.5), (127, 127, 127), tolerance=2)


@pytest.mark.parametrize(("mode", "black", "white"), [("I", 0, 65535), ("I", -500, 90_000), ("F", 0.0, 1.0)])
def test_deep_grey_of_any_range_keeps_its_middle(mode: str, black: float, white: float) -> None:
    ramp = Image.new(mode, (3, 1), (black + white) / 2 if mode == "F" else int((black + white) / 2))
    ramp.putpixel((0, 0), black)
    ramp.putpixel((2, 0), white)
    original = run(sample_images.encoded(ramp, "TIFF")).original
    assert [pixel(original, x, 0)[0] for x in (0, 1)] == [0, 255]
    assert close(pixel(original, 0.5, 0), (127, 127, 127), tolerance=1)


def test_grey_values_that_are_no_numbers_are_refused() -> None:
    source = sample_images.encoded(Image.new("F", (4, 4), float("inf")), "TIFF")
    with pytest.raises(ImageNotReadableError):
        run(source)


@pytest.mark.parametrize("name", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(name: str) -> None:
    original = run(sample_images.encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), name)).original
    assert opened(original).mode == "RGB"
    assert close(pixel(original, 0.5, 0.5), (254, 0, 0))


def test_lab_becomes_rgb() -> None:
    original = run(sample_images.encoded(Image.new("LAB", (8, 8), (255, 128, 128)), "TIFF")).original
    assert close(pixel(original, 0.5, 0.5), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_simple_modes_keep_their_look(mode: str) -> None:
    for rendition in renditions(
        run(sample_images.encoded(Image.new("L", (40, 30), 255).convert(mode), "PNG"))
    ):
        assert close(pixel(rendition, 0.5, 0.5), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "clear"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("PA", (0, 0)), ("P", 0)]
)
def test_transparent_pixels_stay_so_in_the_original_and_are_white_for_the_model(
    mode: str, clear: tuple[float, ...] | float
) -> None:
    source = Image.new(mode, (40, 30), clear)
    options = {"transparency": 0} if mode == "P" else {}
    processed = run(sample_images.encoded(source, "TIFF" if mode == "PA" else "PNG", **options))

    assert opened(processed.original).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert pixel(processed.copy, 0.5, 0.5) == (255, 255, 255)
    assert close(pixel(processed.thumbnail, 0.5, 0.5), (255, 255, 255))


def test_a_transparent_photograph_keeps_its_transparency() -> None:
    source = sample_images.scene((300, 200))
    source.putalpha(100)
    original = run(sample_images.encoded(source, "WEBP")).original
    assert original.content_type == "image/webp"
    assert opened(original).mode == "RGBA"


def test_an_alpha_channel_in_which_all_is_opaque_is_dropped() -> None:
    assert (
        opened(run(sample_images.encoded(sample_images.chart().convert("RGBA"), "PNG")).original).mode
        == "RGB"
    )
