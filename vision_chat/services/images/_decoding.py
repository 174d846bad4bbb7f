"""Decoding of untrusted files to upright sRGB images without metadata."""

import warnings
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import pillow_heif
from PIL import AvifImagePlugin, ExifTags, Image, UnidentifiedImageError

from vision_chat.errors.images import (
    ImageError,
    ImageNotReadableError,
    ImageTooManyPixelsError,
    ImageTypeNotSupportedError,
)
from vision_chat.services.images import _hdr, _jpeg, _png, _raw
from vision_chat.services.images._colour import to_srgb
from vision_chat.services.images._deep_colour import is_deep_colour, stretch
from vision_chat.services.images._frames import load_frame
from vision_chat.services.images.limits import Limits, check_pixels
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.removed import RemovedData, removed_from

# AVIF before HEIF: both claim files of the brand "mif1", and only the AVIF plugin then tries the next one
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP")
_NAMES_FOR_PEOPLE: Final = "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF, BMP"
_CONTAINERS: Final = frozenset({"AVIF", "HEIF"})

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# one image at a time, on one core: threads inside the decoders would only multiply its memory
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# ours are checked before anything is decoded; this one would refuse large JPEGs, which are decoded small
Image.MAX_IMAGE_PIXELS = 1_000_000_000


@dataclass(slots=True)
class Decoded:
    """An image (mode L, RGB or RGBA, no `info`), upright. `source_size` is that of the file, upright too."""

    image: Image.Image
    source_format: str
    source_size: tuple[int, int]
    notes: list[ImageNote] = field(default_factory=list)
    removed: set[RemovedData] = field(default_factory=set)
    """Facts in the file beside its pixels."""


@dataclass(slots=True)
class _Loaded:
    """An image as the file has it."""

    image: Image.Image
    source_format: str
    source_size: tuple[int, int]
    notes: list[ImageNote] = field(default_factory=list)
    colours: _hdr.Colours | None = None
    orientation: int = 1
    """Where the image itself says none."""
    removed: set[RemovedData] = field(default_factory=set)


def decode(file: BinaryIO, limits: Limits, *, at_least: tuple[int, int] | None = None) -> Decoded:
    """Decode a file, of several frames one.

    With `at_least` a JPEG is decoded only as large as a copy of that size needs. Raises ImageErrors.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unusual tags, which do not matter here
            return _upright(_loaded(file, limits, at_least))
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise _unidentified(file) from error
    except Image.DecompressionBombError as error:
        raise ImageTooManyPixelsError(limit=limits.max_megapixels) from error
    except Exception as error:  # decoders raise any exception for damaged data
        raise ImageNotReadableError(detail=f"{type(error).__name__}: {error}") from error


def _upright(loaded: _Loaded) -> Decoded:
    turn = _TURNS.get(_orientation(loaded.image, loaded.orientation))
    loaded.removed |= removed_from(loaded.image)
    image, size = to_srgb(loaded.image, loaded.source_format, loaded.colours), loaded.source_size
    loaded.image = image  # frees the one of the file before another is made
    if turn is not None:
        is_on_its_side = turn not in (
            Image.Transpose.FLIP_LEFT_RIGHT,
            Image.Transpose.FLIP_TOP_BOTTOM,
            Image.Transpose.ROTATE_180,
        )
        size = size[::-1] if is_on_its_side else size
        image = image.transpose(turn)
    image.info.clear()  # encoders would write its comments and profiles
    return Decoded(image, loaded.source_format, size, loaded.notes, loaded.removed)


def _loaded(file: BinaryIO, limits: Limits, at_least: tuple[int, int] | None) -> _Loaded:
    """Check the size by the header, then decode."""
    if preview := _raw.find_preview(file):
        loaded = _loaded_jpeg(_jpeg.JpegFile(file, preview.start), limits, at_least)
        loaded.orientation = preview.orientation
        loaded.notes.append(ImageNote.RAW_PREVIEW)
        loaded.removed |= preview.removed
        return loaded
    file.seek(0)
    head = file.read(len(_png.SIGNATURE))
    file.seek(0)
    if head.startswith(_jpeg.START):
        return _loaded_jpeg(_jpeg.JpegFile(file, end=_jpeg.end_of_data(file)), limits, at_least)
    if head != _png.SIGNATURE:
        return _loaded_whole(file, None, limits)
    png = _png.without_text(file)
    loaded = _loaded_whole(png.file, png.colours, limits)
    loaded.removed |= png.removed
    return loaded


def _loaded_whole(file: BinaryIO, colours: _hdr.Colours | None, limits: Limits) -> _Loaded:
    image = Image.open(file, formats=FORMATS)
    source_format = str(image.format)
    check_pixels(image.width, image.height, limits, source_format)
    if source_format in _CONTAINERS:
        colours = _hdr.colours_of_container(file)
    has_deep_colour = is_deep_colour(image)
    notes = load_frame(image, source_format, limits)
    # again: a container's header may be wrong
    check_pixels(image.width, image.height, limits, source_format)
    if has_deep_colour:
        stretch(image, file)
    return _Loaded(image, source_format, image.size, notes, colours)


def _loaded_jpeg(file: _jpeg.JpegFile, limits: Limits, at_least: tuple[int, int] | None) -> _Loaded:
    image = _jpeg.open_jpeg(file)
    size = image.size
    _jpeg.scale_down(image, file, limits, at_least)
    image.load()
    loaded = _Loaded(image, "JPEG", size)
    if image.size != size:
        loaded.notes.append(ImageNote.REDUCED)
    if _jpeg.is_cut_off(image, file):
        if not _jpeg.is_whole_enough(image, file):
            raise ImageNotReadableError(detail="the file ends within the image")
        loaded.notes.append(ImageNote.CUT_OFF)
    return loaded


def _orientation(image: Image.Image, otherwise: int) -> int:
    """Return the EXIF orientation. Read after `load`: some formats store it last, others apply it."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, otherwise))
    except Exception:  # noqa: BLE001  # damaged EXIF raises any exception, and the pixels are fine
        return otherwise


def _unidentified(file: BinaryIO) -> ImageError:
    """Return the error of a file that no decoder accepts, by its first bytes: damaged or not supported."""
    file.seek(0)
    head = file.read(16)
    if any(accept is not None and accept(head) is True for _, accept in map(Image.OPEN.__getitem__, FORMATS)):
        return ImageNotReadableError(detail="its first bytes are those of a picture, the rest is not")
    return ImageTypeNotSupportedError(formats=_NAMES_FOR_PEOPLE)
