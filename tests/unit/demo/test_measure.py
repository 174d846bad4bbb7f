import base64
import io

import pytest
from PIL import Image, ImageDraw, ImageFilter

from vision_chat.demo.measure import Colour, Measurement, UnreadableError, measure, read_data_url


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def measured(image: Image.Image, kind: str = "PNG") -> Measurement:
    return measure(encoded(image, kind))


def stripes() -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    for x in range(0, 400, 20):
        draw.rectangle((x, 0, x + 9, 299), fill="black")
    return image


@pytest.mark.parametrize(
    ("size", "orientation", "ratio"),
    [
        ((300, 200), "landscape", "3:2"),
        ((900, 1600), "portrait", "9:16"),
        ((64, 64), "square", "1:1"),
        ((4032, 3024), "landscape", "4:3"),
        ((3000, 100), "landscape", "30.00:1"),
    ],
)
def test_size_orientation_and_ratio(size: tuple[int, int], orientation: str, ratio: str) -> None:
    picture = measured(Image.new("RGB", size))
    assert (picture.width, picture.height) == size
    assert (picture.orientation, picture.ratio, picture.format) == (orientation, ratio, "PNG")


def test_colours_have_their_share_of_the_area() -> None:
    image = Image.new("RGB", (100, 100), (200, 30, 30))
    image.paste((20, 40, 160), (0, 0, 100, 25))
    first, second = measured(image).colours
    assert (first.hex, first.name, round(first.share, 2)) == ("#c81e1e", "red", 0.75)
    assert (second.hex, second.name, round(second.share, 2)) == ("#1428a0", "blue", 0.25)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((200, 200, 205), "light grey"),
        ((120, 70, 30), "brown"),
        ((250, 140, 20), "orange"),
        ((30, 90, 30), "dark green"),
        ((180, 210, 250), "light blue"),
        ((230, 20, 30), "red"),
        ((230, 20, 20), "red"),
    ],
)
def test_colours_have_names(rgb: tuple[int, int, int], name: str) -> None:
    assert Colour(*rgb, share=1).name == name


def test_brightness_runs_from_black_to_white() -> None:
    shades = [measured(Image.new("RGB", (50, 50), (grey, grey, grey))).brightness for grey in (0, 128, 255)]
    assert shades == pytest.approx([0, 128 / 255, 1])


def test_contrast_is_the_spread_of_the_light() -> None:
    assert measured(Image.new("RGB", (50, 50), "gray")).contrast == 0
    assert measured(stripes()).contrast == pytest.approx(0.5, abs=0.01)


def test_a_blurred_image_is_less_sharp() -> None:
    sharp, blurred = measured(stripes()), measured(stripes().filter(ImageFilter.GaussianBlur(4)))
    assert sharp.sharpness > 20 * blurred.sharpness > 0
    assert measured(Image.new("RGB", (50, 50), "red")).sharpness == 0


def test_transparent_parts_count_as_white() -> None:
    assert measured(Image.new("RGBA", (20, 20), (0, 0, 0, 0))).brightness == pytest.approx(1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_is_measured(mode: str) -> None:
    assert measured(Image.new(mode, (30, 20))).width == 30


def test_a_tiny_image_is_measured() -> None:
    assert measured(Image.new("RGB", (1, 1), "red")).colours[0].hex == "#ff0000"


def test_a_jpeg_is_measured() -> None:
    picture = measured(Image.new("RGB", (3000, 2000), (200, 30, 30)), "JPEG")
    assert (picture.width, picture.height, picture.format) == (3000, 2000, "JPEG")
    assert picture.colours[0].name == "red"


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(stripes())[:200]])
def test_measure_refuses_a_file_that_is_no_image(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        measure(data)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(UnreadableError, match="too many pixels"):
        measure(encoded(Image.new("1", (8000, 8001))))


def test_a_data_url_gives_its_bytes() -> None:
    assert read_data_url("data:image/png;base64," + base64.b64encode(b"abc").decode()) == b"abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.jpg",
        "data:text/html;base64,AAAA",
        "data:image/png,raw",
        "data:image/png;base64,!",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(UnreadableError):
        read_data_url(url)
