"""Encoding of originals and thumbnails, and the functions that copies share with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image

from vision_chat.services.images._ground import on_ground
from vision_chat.services.images.limits import Limits, thumbnail_size

_LOSSLESS_SOURCES: Final = frozenset({"PNG", "GIF", "TIFF", "BMP"})
_PNG_ORIGINAL_PIXELS: Final = 4_000_000
# its encoder takes ten bytes a pixel, and its decoder seventeen
_WEBP_ORIGINAL_PIXELS: Final = 16_000_000
_WEBP_MAX_SIDE: Final = 16_383

# box averaging first, then Lanczos: a third of the time, and no visible difference
_REDUCING_GAP: Final = 1.5

_JPEG_ORIGINAL: Final = {"quality": 92}
# method 2 takes half the time of the default, and photographs become no larger
_WEBP_ORIGINAL: Final = {"quality": 90, "method": 2}
_THUMBNAIL_QUALITIES: Final = (78, 66, 50)


@dataclass(frozen=True, slots=True)
class Rendition:
    """An encoded image; width and height in pixels."""

    data: bytes
    content_type: str
    extension: str
    width: int
    height: int


def encode_original(image: Image.Image, source_format: str) -> Rendition:
    """Encode at full size; lossless where the source was lossless and the file does not become too large."""
    lossless = source_format in _LOSSLESS_SOURCES
    if lossless and image.width * image.height <= _PNG_ORIGINAL_PIXELS:
        return encode(image, "PNG")
    if lossless or image.mode == "RGBA":
        if may_be_transparent(image.size):
            return encode(image, "WEBP", **_WEBP_ORIGINAL)
        return encode(on_ground(image) if image.mode == "RGBA" else image, "JPEG", **_JPEG_ORIGINAL)
    return encode(image, "JPEG", **_JPEG_ORIGINAL)


def may_be_transparent(size: tuple[int, int]) -> bool:
    """Tell whether an original of this size can be stored with its transparency."""
    return max(size) <= _WEBP_MAX_SIDE and size[0] * size[1] <= _WEBP_ORIGINAL_PIXELS


def encode_thumbnail(image: Image.Image, ground: str, limits: Limits) -> Rendition:
    """Encode the thumbnail on its ground, in at most `limits.thumbnail_bytes`."""
    small = on_ground(resized(image, thumbnail_size(image.width, image.height, limits)), ground)
    return encode_within(limits.thumbnail_bytes, small, "WEBP", _THUMBNAIL_QUALITIES)


def resized(
    image: Image.Image, size: tuple[int, int], part: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """Return `part` of the image (pixels; the whole if None) at this size."""
    if image.size == size and part is None:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=part, reducing_gap=_REDUCING_GAP)


def encode_within(max_bytes: int, image: Image.Image, to: str, qualities: Sequence[int]) -> Rendition:
    """Encode in the first of these qualities that fits `max_bytes`.

    Where none fits, the image is made smaller, which looks better than a lower quality.
    """
    for quality in qualities:
        rendition = encode(image, to, quality=quality)
        if len(rendition.data) <= max_bytes:
            return rendition
    if max(image.size) == 1:
        return rendition
    width, height = image.size
    smaller = resized(image, (max(1, width * 3 // 4), max(1, height * 3 // 4)))
    return encode_within(max_bytes, smaller, to, qualities)


def encode(image: Image.Image, to: str, **options: Any) -> Rendition:
    """Encode as JPEG, PNG or WEBP with Pillow's options for it."""
    buffer = BytesIO()
    image.save(buffer, to, **options)
    extension = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[to]
    return Rendition(buffer.getvalue(), Image.MIME[to], extension, image.width, image.height)
