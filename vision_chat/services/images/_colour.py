"""Conversion of decoded images to 8-bit sRGB in one of the modes L, RGB, RGBA."""

from io import BytesIO
from math import isfinite
from typing import Final

from PIL import Image, ImageChops, ImageCms

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_DEEP: Final = ("I", "F")  # and every "I;16..."
_TOLERANCE: Final = 2  # levels of 255 by which two colours may differ and look alike


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert to sRGB by the embedded profile, in place where possible, because a photograph takes 48 MB."""
    profile = image.info.get("icc_profile")
    return _converted(_eight_bit(image), profile if isinstance(profile, bytes) else b"")


def on_white(image: Image.Image) -> Image.Image:
    """Convert to RGB, white where the image is transparent, because models do not see transparency."""
    if image.mode != "RGBA":
        return _as_mode(image, "RGB")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _as_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert the mode, without the copy that `convert` makes even where the mode is the same."""
    return image if image.mode == mode else image.convert(mode)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Convert to L, RGB or RGBA; leave CMYK and LAB, which need a profile."""
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
    """Drop an alpha channel in which everything is opaque, as screenshots often have."""
    return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image


def _scaled_grey(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float grey to 8 bits; Pillow's conversion would clip all above 255."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    low, high = _range(image)
    factor = 255 / (high - low)
    return image.point(lambda value: value * factor - low * factor).convert("L")


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the values of black and white: those of a usual range that fits, else the extrema."""
    extrema = image.getextrema()
    low, high = float(extrema[0]), float(extrema[1])  # type: ignore[arg-type]  # one band
    if not (isfinite(low) and isfinite(high)):
        raise ValueError("values that are not finite")
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
            pass  # a damaged profile, or one for another mode, is ignored
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
        raise ValueError("the transform returned no image")
    return converted.convert("L") if mode == "L" else converted


def _changes_colours(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Tell whether the transform changes colours visibly, by a small chart.

    Most profiles are sRGB under some name. The chart takes a millisecond, an image of 12 megapixels 190.
    """
    ramp = Image.linear_gradient("L").resize((16, 16))
    chart = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ImageChops.invert(ramp)))
    before = chart.convert(mode)
    after = before.copy()
    ImageCms.applyTransform(after, transform, inPlace=True)
    difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).convert("L")
    extrema = difference.getextrema()
    return extrema[1] > _TOLERANCE  # type: ignore[operator]  # one band
