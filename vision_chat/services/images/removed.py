"""Data beside the pixels of an upload, none of which is kept: codes, which pages turn into sentences."""

from enum import StrEnum
from typing import Final

from PIL import ExifTags, Image


class RemovedData(StrEnum):
    """A kind of data. The values are stored."""

    LOCATION = "location"
    CAMERA = "camera"
    """The device, its settings, the time."""
    TEXT = "text"
    """Descriptions, comments, authors, histories."""


_CAMERA_TAGS: Final = (ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.DateTime)
_TEXT_TAGS: Final = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
    ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment,
    ExifTags.Base.XPAuthor,
    ExifTags.Base.XPKeywords,
    ExifTags.Base.XPSubject,
)
# they are about the pixels
_PLAIN_TAGS: Final = frozenset(
    {
        ExifTags.Base.ExifVersion,
        ExifTags.Base.ComponentsConfiguration,
        ExifTags.Base.FlashPixVersion,
        ExifTags.Base.ColorSpace,
        ExifTags.Base.ExifImageWidth,
        ExifTags.Base.ExifImageHeight,
        ExifTags.Base.ExifInteroperabilityOffset,
    }
)
_IPTC: Final = 0x0404
_XMP_NAMES: Final = ("xmp", "XML:com.adobe.xmp")
_XMP_LOCATION: Final = (b"exif:GPS", b"Iptc4xmpCore:Location", b"photoshop:City")
_XMP_CAMERA: Final = (b"tiff:Make", b"tiff:Model", b"aux:", b"exifEX:", b"exif:ExposureTime")


def removed_from(image: Image.Image) -> set[RemovedData]:
    """Return what a decoded image says beside its pixels. Damaged data counts as none."""
    found = set[RemovedData]()
    try:
        found |= _of_exif(image.getexif())
    except Exception:  # noqa: BLE001  # damaged EXIF raises any exception, and the pixels are fine
        found |= set()
    for name in _XMP_NAMES:
        if xmp := image.info.get(name):
            found |= removed_from_xmp(xmp if isinstance(xmp, bytes) else str(xmp).encode())
    photoshop = image.info.get("photoshop")
    has_captions = isinstance(photoshop, dict) and _IPTC in photoshop
    if has_captions or image.info.get("comment"):
        found.add(RemovedData.TEXT)
    return found


def removed_from_xmp(xmp: bytes) -> set[RemovedData]:
    """Return what this XMP says. It always says something, such as the program that wrote it."""
    found = {RemovedData.TEXT}
    if any(name in xmp for name in _XMP_LOCATION):
        found.add(RemovedData.LOCATION)
    if any(name in xmp for name in _XMP_CAMERA):
        found.add(RemovedData.CAMERA)
    return found


def _of_exif(exif: Image.Exif) -> set[RemovedData]:
    found = set[RemovedData]()
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        found.add(RemovedData.LOCATION)
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if any(exif.get(tag) for tag in _CAMERA_TAGS) or details.keys() - _PLAIN_TAGS - {
        ExifTags.Base.UserComment
    }:
        found.add(RemovedData.CAMERA)
    if any(exif.get(tag) for tag in _TEXT_TAGS) or details.get(ExifTags.Base.UserComment):
        found.add(RemovedData.TEXT)
    return found
