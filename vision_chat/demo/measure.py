"""Measurements of an image: size, colours, brightness, contrast, sharpness."""

import base64
import binascii
import colorsys
import io
from dataclasses import dataclass
from math import gcd
from typing import Final

from PIL import Image, ImageFilter, ImageStat

MAX_PIXELS: Final = 64_000_000
SAMPLE_SIDE: Final = 512  # everything but the size is measured on a copy of this size
COLOURS: Final = 5
LUMA: Final = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709
LAPLACIAN: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)

HUES: Final = (
    (15, "red"), (40, "orange"), (68, "yellow"), (160, "green"), (200, "cyan"),
    (255, "blue"), (290, "violet"), (335, "pink"), (361, "red"),
)  # fmt: skip


class UnreadableError(ValueError):
    """The image cannot be measured."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A main colour of an image; channels from 0 to 255."""

    red: int
    green: int
    blue: int
    share: float  # of the image's area, 0 to 1

    @property
    def hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def name(self) -> str:
        hue, lightness, saturation = colorsys.rgb_to_hls(self.red / 255, self.green / 255, self.blue / 255)
        if lightness < 0.08:
            return "black"
        if lightness > 0.94:
            return "white"
        shade = "dark " if lightness < 0.33 else "light " if lightness > 0.68 else ""
        if saturation < 0.14:
            return shade + "grey"
        name = next(name for limit, name in HUES if hue * 360 < limit)
        return "brown" if name == "orange" and lightness < 0.4 else shade + name


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurements of one image."""

    width: int
    height: int
    format: str
    colours: tuple[Colour, ...]
    mean: tuple[float, float, float]  # of red, green and blue, 0 to 1
    contrast: float  # standard deviation of the luma, 0 to 1
    sharpness: float  # variance of the Laplacian, on the sample

    @property
    def orientation(self) -> str:
        if self.width == self.height:
            return "square"
        return "landscape" if self.width > self.height else "portrait"

    @property
    def brightness(self) -> float:
        return sum(weight * channel for weight, channel in zip(LUMA, self.mean, strict=True))

    @property
    def ratio(self) -> str:
        """The aspect ratio, as a small fraction where it is within 1% of one."""
        exact = self.width / self.height
        pairs = [(w, h) for w in range(1, 22) for h in range(1, 22) if gcd(w, h) == 1]
        width, height = min(pairs, key=lambda pair: (abs(pair[0] / pair[1] - exact) > exact / 100, sum(pair)))
        return f"{width}:{height}" if abs(width / height - exact) <= exact / 100 else f"{exact:.2f}:1"


def measure(data: bytes) -> Measurement:
    """Decode and measure an image. Raises UnreadableError."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadableError("too many pixels")
            width, height, kind = image.width, image.height, image.format or "unknown"
            image.draft("RGB", (SAMPLE_SIDE, SAMPLE_SIDE))
            sample = _opaque(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableError(str(error)) from error
    sample.thumbnail((SAMPLE_SIDE, SAMPLE_SIDE))
    grey = sample.convert("L")
    red, green, blue = (channel / 255 for channel in ImageStat.Stat(sample).mean)
    return Measurement(
        width=width,
        height=height,
        format=kind,
        colours=_colours(sample),
        mean=(red, green, blue),
        contrast=ImageStat.Stat(grey).stddev[0] / 255,
        sharpness=_sharpness(grey),
    )


def read_data_url(url: str) -> bytes:
    """Return the bytes of a `data:` URL of an image. Raises UnreadableError."""
    head, _, data = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise UnreadableError("only pictures inside the request can be measured, not addresses")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise UnreadableError(str(error)) from error


def _opaque(image: Image.Image) -> Image.Image:
    """Convert to RGB, white where the image is transparent, as pages show it."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def _colours(sample: Image.Image) -> tuple[Colour, ...]:
    quantized = sample.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = quantized.getpalette() or []
    counts = quantized.histogram()[: len(palette) // 3]
    area = quantized.width * quantized.height
    found = [
        Colour(palette[3 * index], palette[3 * index + 1], palette[3 * index + 2], count / area)
        for index, count in enumerate(counts)
        if count
    ]
    return tuple(sorted(found, key=lambda colour: -colour.share))


def _sharpness(grey: Image.Image) -> float:
    """Return the variance of the Laplacian. The border, which Pillow does not filter, is left out."""
    if min(grey.size) < 3:
        return 0.0
    edges = grey.filter(LAPLACIAN).crop((1, 1, grey.width - 1, grey.height - 1))
    return float(ImageStat.Stat(edges).var[0])
