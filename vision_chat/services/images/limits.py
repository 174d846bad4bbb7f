"""What may come in, how large its copies are, and what a picture costs the model. Pure arithmetic."""

from dataclasses import dataclass

from vision_chat.errors.images import (
    ImageEmptyError,
    ImageTooLongError,
    ImageTooManyBytesError,
    ImageTooManyPixelsError,
)

_MEGA = 1_000_000
_TILE = 560
_TOKENS_PER_TILE = 1601


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults suit Llama 3.2 Vision, which throws away whatever exceeds four tiles of 560 pixels."""

    max_bytes: int = 25 * _MEGA
    max_megapixels: int = 50
    max_side: int = 65_500  # of JPEG, the roomiest format that a browser shows

    model_side: int = 1120
    model_bytes: int = 1 * _MEGA
    strip_aspect: float = 3.0  # from here on a picture is a strip: more pixels along, fewer across
    strip_side: int = 2240
    strip_width: int = 560

    thumbnail_side: int = 512
    thumbnail_bytes: int = 25_000


def check_bytes(size: int, limits: Limits) -> None:
    """Raise unless a file of `size` bytes may be taken. Cheap: a view can ask before it reads a body."""
    if size == 0:
        raise ImageEmptyError
    if size > limits.max_bytes:
        raise ImageTooManyBytesError(limit=f"{limits.max_bytes / _MEGA:g}")


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise unless a picture of these dimensions may be decoded."""
    if width * height > limits.max_megapixels * _MEGA:
        raise ImageTooManyPixelsError(limit=limits.max_megapixels)
    if max(width, height) > limits.max_side:
        raise ImageTooLongError(limit=limits.max_side)


def fit(width: int, height: int, long_side: int, short_side: int) -> tuple[int, int]:
    """The largest size of this shape within the two sides: never larger than it is, never below a pixel."""
    longer, shorter = max(width, height), min(width, height)
    scale = min(1.0, long_side / longer, short_side / shorter)
    return max(1, round(width * scale)), max(1, round(height * scale))


def model_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """How large the model's copy of a picture is."""
    if max(width, height) >= limits.strip_aspect * min(width, height):
        return fit(width, height, limits.strip_side, limits.strip_width)
    return fit(width, height, limits.model_side, limits.model_side)


def thumbnail_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """How large the copy is that the thread shows."""
    return fit(width, height, limits.thumbnail_side, limits.thumbnail_side)


def image_tiles(width: int, height: int) -> int:
    """The tiles into which Llama 3.2 Vision cuts a picture, as Together counts them for the bill."""
    return min(2, max(height // _TILE, 1)) * min(2, max(width // _TILE, 1))


def image_tokens(width: int, height: int) -> int:
    """What a picture of this size costs Llama 3.2 Vision; other models count otherwise."""
    return image_tiles(width, height) * _TOKENS_PER_TILE
