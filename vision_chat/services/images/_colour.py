"""Conversion of decoded images to 8-bit sRGB in one of the modes L, RGB, RGBA."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageChops, ImageCms

from vision_chat.services.images._grey import is_deep, is_white_zero, scaled_grey
from vision_chat.services.images._hdr import Colours, profile_for

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_TOLERANCE: Final = 2  # levels of 255 by which two colours may differ and look alike


def to_srgb(image: Image.Image, source_format: str = "", colours: Colours | None = None) -> Image.Image:
    """Convert to sRGB by the embedded profile, in place where possible, because a photograph takes 48 MB.

    `colours` are those that the file names by numbers; they count where there is no profile.
    """
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile:
        profile = profile_for(colours) if colours else b""
    return _converted(_eight_bit(image, source_format), profile)


def _as_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert the mode, without the copy that `convert` makes even where the mode is the same."""
    return image if image.mode == mode else image.convert(mode)


def _eight_bit(image: Image.Image, source_format: str) -> Image.Image:
    """Convert to L, RGB or RGBA; leave CMYK and LAB, which need a profile."""
    if is_deep(image):
        return scaled_grey(image, white_is_zero=is_white_zero(image))
    if image.mode in ("LA", "RGBA") and _is_idle(image.getchannel("A"), source_format):
        return image.convert(image.mode.removesuffix("A"))
    if image.has_transparency_data:
        image = _as_mode(image, "RGBA")
        return image.convert("RGB") if _is_idle(image.getchannel("A"), source_format) else image
    if image.mode in ("1", "L"):
        return _as_mode(image, "L")
    if image.mode in ("CMYK", "LAB"):
        return image
    return _as_mode(image, "RGB")


def _is_idle(alpha: Image.Image, source_format: str) -> bool:
    """Tell whether everything is opaque by this channel, as screenshots often have it.

    Programs that write BMP often leave zero throughout, and those that show it take that as opaque.
    """
    extrema = alpha.getextrema()
    return extrema == (255, 255) or (source_format == "BMP" and extrema == (0, 0))


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
