"""Limits of uploads, and the size of the thumbnail. Arithmetic only."""

from dataclasses import dataclass

from vision_chat.conf import MEGABYTE
from vision_chat.errors.images import (
    ImageEmptyError,
    ImageTooLongError,
    ImageTooManyBytesError,
    ImageTooManyPixelsError,
)

MEGAPIXEL = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an upload and of its thumbnail."""

    max_bytes: int = 25 * MEGABYTE
    max_megapixels: int = 50
    max_side: int = 65_500  # of JPEG, the roomiest format that a browser shows

    thumbnail_side: int = 512
    thumbnail_bytes: int = 25_000


def check_bytes(size: int, limits: Limits) -> None:
    """Raise ImageEmptyError or ImageTooManyBytesError unless a file of `size` bytes may be taken."""
    if size == 0:
        raise ImageEmptyError
    if size > limits.max_bytes:
        raise ImageTooManyBytesError(limit=f"{limits.max_bytes / MEGABYTE:g}")


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise ImageTooManyPixelsError or ImageTooLongError unless an image of this size may be decoded."""
    if width * height > limits.max_megapixels * MEGAPIXEL:
        raise ImageTooManyPixelsError(limit=limits.max_megapixels)
    if max(width, height) > limits.max_side:
        raise ImageTooLongError(limit=limits.max_side)


def thumbnail_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """Return the size of the thumbnail that the thread shows; never larger than the image."""
    scale = min(1.0, limits.thumbnail_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
