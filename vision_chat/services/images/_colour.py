"""Whatever a decoder gave -> 8-bit sRGB in one of the modes L, RGB, RGBA. Pillow's modes stay in here."""

from io import BytesIO
from math import isfinite
from typing import Final

from PIL import Image, ImageChops, ImageCms

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_DEEP: Final = ("I", "F")  # and every "I;16..."
_UNSEEN: Final = 2  # levels of 255 by which two colours may differ and look alike


def to_srgb(image: Image.Image) -> Image.Image:
    """Works in place where it can: a photograph is 48 MB in memory, and there should be one of it."""
    profile = image.info.get("icc_profile")
    return _converted(_eight_bit(image), profile if isinstance(profile, bytes) else b"")


def on_white(image: Image.Image) -> Image.Image:
    """As RGB, with white where it was transparent: models and most viewers know no transparency."""
    if image.mode != "RGBA":
        return _as_mode(image, "RGB")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _as_mode(image: Image.Image, mode: str) -> Image.Image:
    """`convert` copies even where there is nothing to convert."""
    return image if image.mode == mode else image.convert(mode)


def _eight_bit(image: Image.Image) -> Image.Image:
    """L, RGB or RGBA, or CMYK or LAB, which need a profile to become colours."""
    if image.mode in _DEEP or image.mode.startswith("I;16"):
        return _scaled_grey(image)
    if image.has_transparency_data:
        return _without_idle_alpha(_as_mode(image, "RGBA"))
    if image.mode in ("1", "L"):
        return _as_mode(image, "L")
    if image.mode in ("CMYK", "LAB"):
        return image
    return _as_mode(image, "RGB")


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Screenshots often carry an alpha channel in which everything is opaque."""
    return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image


def _scaled_grey(image: Image.Image) -> Image.Image:
    """Pillow's own conversion clips: in a 16-bit scan everything above 1/256 of white would be white."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    low, high = _range(image)
    factor = 255 / (high - low)
    return image.point(lambda value: value * factor - low * factor).convert("L")


def _range(image: Image.Image) -> tuple[float, float]:
    """What is black and what is white: the usual ranges if the values fit one, else the values' own."""
    extrema = image.getextrema()
    low, high = float(extrema[0]), float(extrema[1])  # type: ignore[arg-type]  # one band
    if not (isfinite(low) and isfinite(high)):
        raise ValueError("values that are no numbers")
    usual = (255.0, 65535.0) if image.mode == "I" else (1.0, 255.0, 65535.0)
    for white in usual:
        if low >= 0 and high <= white:
            return 0.0, white
    return low, high


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode == "LAB":
        return _apply(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if profile:
        try:
            return _apply(image, ImageCms.ImageCmsProfile(BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a damaged profile, or one for another kind of picture, is as good as none
    return _as_mode(image, "RGB") if image.mode == "CMYK" else image


def _apply(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    mode = image.mode
    output = mode if mode in ("RGB", "RGBA") else "RGB"
    transform = ImageCms.buildTransform(profile, _SRGB, mode, output)
    if mode == output:
        if _changes_colours(transform, mode):
            ImageCms.applyTransform(image, transform, inPlace=True)
        return image
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise ValueError("the transform gave no picture")
    return converted.convert("L") if mode == "L" else converted


def _changes_colours(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Most profiles are sRGB under some name. A chart tells in a millisecond; 12 megapixels take 190."""
    ramp = Image.linear_gradient("L").resize((16, 16))
    chart = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ImageChops.invert(ramp)))
    before = chart.convert(mode)
    after = before.copy()
    ImageCms.applyTransform(after, transform, inPlace=True)
    difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).convert("L")
    extrema = difference.getextrema()
    return extrema[1] > _UNSEEN  # type: ignore[operator]  # one band
