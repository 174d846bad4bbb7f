"""Greys of more than 8 bits, whole numbers and floating point ones, scaled to 8 bits."""

from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageMath, TiffImagePlugin

# what depths in use make white; cameras and scanners put 10, 12 or 14 bits into 16
_USUAL_WHITES: Final = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
_LARGEST: Final = 1e30
"""Values beyond this mark places without a value, as in maps of heights."""
_STRIP_PIXELS: Final = 1 << 20
_PHOTOMETRIC: Final = 262

# Pillow lists these for little-endian files, and for those in which black is zero, only
TiffImagePlugin.OPEN_INFO.setdefault((b"MM", 0, (1,), 1, (16,), ()), ("I;16B", "I;16B"))
TiffImagePlugin.OPEN_INFO.setdefault((b"II", 0, (1,), 1, (12,), ()), ("I;16", "I;12"))


def is_deep(image: Image.Image) -> bool:
    """Tell whether this is a grey image of more than 8 bits."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def is_white_zero(image: Image.Image) -> bool:
    """Tell whether a deep grey says that zero is white. Pillow turns other greys round by itself."""
    return is_deep(image) and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0


def scaled_grey(image: Image.Image, *, white_is_zero: bool) -> Image.Image:
    """Scale deep grey to mode L, in strips, because a whole image of 50 megapixels would take 400 MB more.

    Pillow's own conversion would clip all above 255. Places without a number become black.
    """
    low, high = _range(image)
    scale = 255 / (high - low)
    output = Image.new("L", image.size)
    for top, strip in _strips(image):
        values, known = _known(strip, low)
        grey = values.point(lambda value: value * scale - low * scale).convert("L")
        if white_is_zero:
            grey = grey.point(lambda value: 255 - value)
        output.paste(grey, (0, top), known)
    return output


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the rows in parts, of mode I or F, each with the number of its first row."""
    rows = max(1, _STRIP_PIXELS // image.width)
    mode = "F" if image.mode == "F" else "I"
    for top in range(0, image.height, rows):
        part = image.crop((0, top, image.width, min(image.height, top + rows)))
        yield top, part if part.mode == mode else part.convert(mode)


def _known(strip: Image.Image, instead: float) -> tuple[Image.Image, Image.Image | None]:
    """Return the strip with `instead` of what is no number, and the mask of its numbers."""
    if strip.mode != "F":
        return strip, None
    # comparisons with NaN are false
    mask = ImageMath.lambda_eval(
        lambda args: args["convert"]((args["a"] >= -_LARGEST) * (args["a"] <= _LARGEST) * 255, "L"), a=strip
    )
    known = Image.new("F", strip.size, instead)
    known.paste(strip, mask=mask)
    return known, mask


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the values of black and white: those of a usual range that fits, else the extrema."""
    lows, highs = [], []
    for _, strip in _strips(image):
        lows.append(_extrema(_known(strip, _LARGEST)[0])[0])
        highs.append(_extrema(_known(strip, -_LARGEST)[0])[1])
    low, high = min(lows), max(highs)
    if low > high:
        raise ValueError("no values that are numbers")
    for white in (1.0, *_USUAL_WHITES) if image.mode == "F" else _USUAL_WHITES:
        if low >= 0 and high <= white:
            return 0.0, white
    return (low, high) if low < high else (low, low + 1)


def _extrema(image: Image.Image) -> tuple[float, float]:
    low, high = image.getextrema()
    return float(low), float(high)  # type: ignore[arg-type]  # one band
