"""Limits of uploads, and the size of the thumbnail. Arithmetic only."""

from dataclasses import dataclass
from typing import Final

from vision_chat.conf import MEGABYTE, Config
from vision_chat.errors.images import (
    ImageEmptyError,
    ImageTooLongError,
    ImageTooManyBytesError,
    ImageTooManyPixelsError,
)

MEGAPIXEL: Final = 1_000_000
JPEG_FACTOR: Final = 4
"""How many times the pixels of other pictures a JPEG may have, because it can be decoded at half its size."""

# measured by `make attack`; the decoders of the first two make copies of their own
_BYTES_A_PIXEL: Final = {"WEBP": 18.0, "AVIF": 13.0}
_USUAL_BYTES_A_PIXEL: Final = 9.0
"""Two images of four bytes a pixel, where one is turned or converted into the other, and the files."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an upload and of its thumbnail."""

    max_bytes: int = 60 * MEGABYTE
    max_megapixels: int = 50
    """Most pixels that are decoded."""
    max_memory: int = 450 * MEGABYTE
    """Most bytes that the processing of an image takes at its peak."""
    max_side: int = 65_500  # of JPEG, the roomiest format that a browser shows

    thumbnail_side: int = 512
    thumbnail_bytes: int = 25_000

    @classmethod
    def of(cls, config: Config) -> "Limits":
        """Return the limits that the configuration sets."""
        return cls(
            max_bytes=config.max_image_bytes,
            max_megapixels=config.max_image_megapixels,
            max_memory=config.max_image_memory,
        )

    def max_pixels(self, source_format: str) -> int:
        """Return the most pixels of this format that are decoded."""
        affordable = self.max_memory / _BYTES_A_PIXEL.get(source_format, _USUAL_BYTES_A_PIXEL)
        return min(self.max_megapixels * MEGAPIXEL, int(affordable))


def check_bytes(size: int, limits: Limits) -> None:
    """Raise ImageEmptyError or ImageTooManyBytesError unless a file of `size` bytes may be taken."""
    if size == 0:
        raise ImageEmptyError
    if size > limits.max_bytes:
        raise ImageTooManyBytesError(limit=limits.max_bytes / MEGABYTE)


def check_pixels(width: int, height: int, limits: Limits, source_format: str = "") -> None:
    """Raise ImageTooManyPixelsError or ImageTooLongError unless an image of this size may be decoded."""
    most = limits.max_pixels(source_format)
    if width * height > most:
        raise ImageTooManyPixelsError(limit=_megapixels(most))
    check_side(width, height, limits)


def check_side(width: int, height: int, limits: Limits) -> None:
    """Raise ImageTooLongError unless the longer side can be stored."""
    if max(width, height) > limits.max_side:
        raise ImageTooLongError(limit=limits.max_side)


def jpeg_scale(width: int, height: int, coefficients: int, limits: Limits) -> int:
    """Return by how much (1, 2, 4 or 8) the sides of a JPEG are divided as it is decoded.

    `coefficients` is the bytes that the decoder keeps of the whole file, which a progressive one needs.
    Raises ImageTooManyPixelsError or ImageTooLongError.
    """
    pixels, most = width * height, limits.max_pixels("JPEG")
    largest = JPEG_FACTOR * limits.max_megapixels * MEGAPIXEL
    if pixels > largest:
        raise ImageTooManyPixelsError(limit=_megapixels(largest))
    check_side(width, height, limits)
    for scale in (1, 2, 4, 8):
        decoded = pixels / scale**2
        if decoded <= most and coefficients + decoded * _USUAL_BYTES_A_PIXEL <= limits.max_memory:
            return scale
    # so few pixels are within their limit at an eighth of the sides: the memory is what fails
    bytes_a_pixel = coefficients / pixels + _USUAL_BYTES_A_PIXEL / 8**2
    raise ImageTooManyPixelsError(limit=_megapixels(limits.max_memory / bytes_a_pixel))


def _megapixels(pixels: float) -> float:
    """Round down, so that what is said is true."""
    tenths = int(pixels / MEGAPIXEL * 10)
    return tenths // 10 if tenths >= 100 or tenths % 10 == 0 else tenths / 10


def thumbnail_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """Return the size of the thumbnail that the thread shows; never larger than the image."""
    scale = min(1.0, limits.thumbnail_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
