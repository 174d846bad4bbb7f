"""Decoding of untrusted files to upright sRGB images without metadata."""

import warnings
from io import RawIOBase
from typing import IO, BinaryIO, Final, cast

import pillow_heif
from PIL import AvifImagePlugin, ExifTags, Image, UnidentifiedImageError

from vision_chat.errors.images import (
    ImageError,
    ImageNotReadableError,
    ImageTooManyPixelsError,
    ImageTypeNotSupportedError,
)
from vision_chat.services.images._colour import to_srgb
from vision_chat.services.images.limits import Limits, check_pixels

# AVIF before HEIF: both claim files of the brand "mif1", and only the AVIF plugin then tries the next one
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP")
_NAMES_FOR_PEOPLE: Final = "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF, BMP"

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_MAX_SCANS: Final = 100  # cameras and optimisers write 1 to 20

# one image at a time, on one core: threads inside the decoders would only multiply its memory
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def decode(
    file: BinaryIO, limits: Limits, *, at_least: tuple[int, int] | None = None
) -> tuple[Image.Image, str]:
    """Return the first frame (mode L, RGB or RGBA, no `info`) and the format of the file.

    With `at_least` a JPEG is decoded only as large as a copy of that size needs. Raises ImageErrors.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unusual tags, which do not matter here
            return _decode(file, limits, at_least)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise _unidentified(file) from error
    except Image.DecompressionBombError as error:
        raise ImageTooManyPixelsError(limit=limits.max_megapixels) from error
    except Exception as error:  # decoders raise any exception for damaged data
        raise ImageNotReadableError(detail=f"{type(error).__name__}: {error}") from error


def _decode(file: BinaryIO, limits: Limits, at_least: tuple[int, int] | None) -> tuple[Image.Image, str]:
    image, source_format = _loaded(file, limits, at_least)
    turn = _TURNS.get(_orientation(image))
    image = to_srgb(image)
    if turn is not None:
        image = image.transpose(turn)
    image.info.clear()  # encoders would write its comments and profiles
    return image, source_format


def _loaded(file: BinaryIO, limits: Limits, at_least: tuple[int, int] | None) -> tuple[Image.Image, str]:
    """Check the size by the header, then decode."""
    image = Image.open(file, formats=FORMATS)
    source_format = "JPEG" if image.format == "MPO" else str(image.format)
    check_pixels(image.width, image.height, limits)
    if source_format == "JPEG":
        image.fp = cast("IO[bytes]", _ScanCounter(file))
        if at_least:
            # twice as large as needed, so that the resizing that follows looks the same
            image.draft(None, (2 * at_least[0], 2 * at_least[1]))
    image.load()
    check_pixels(image.width, image.height, limits)  # again: a container's header may be wrong
    return image, source_format


class _ScanCounter(RawIOBase):
    """A file that limits the number of scans of a JPEG, which the format does not.

    A scan of 75 bytes costs 35 ms at 49 megapixels, so a file of allowed size could take hours. The marker
    that starts a scan cannot occur inside its data, so counting the marker counts the scans.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MAX_SCANS

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._left -= data.count(b"\xff\xda")
        if self._left < 0:
            raise ValueError(f"more than {_MAX_SCANS} scans")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation. Read after `load`: some formats store it last, others apply it."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  # damaged EXIF raises any exception, and the pixels are fine
        return 1


def _unidentified(file: BinaryIO) -> ImageError:
    """Return the error of a file that no decoder accepts, by its first bytes: damaged or not supported."""
    file.seek(0)
    head = file.read(16)
    if any(accept is not None and accept(head) is True for _, accept in map(Image.OPEN.__getitem__, FORMATS)):
        return ImageNotReadableError(detail="its first bytes are those of a picture, the rest is not")
    return ImageTypeNotSupportedError(formats=_NAMES_FOR_PEOPLE)
