"""A check that this installation decodes every supported format.

Builds differ: a distribution's Pillow may lack AVIF, a platform's pillow-heif its decoder, and neither fails
on import. So a sample of each format is decoded: a black pixel beside a white one.
"""

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from vision_chat.errors.images import ImageError
from vision_chat.services.images._decoding import decode
from vision_chat.services.images.limits import Limits

_DARK, _LIGHT = 64, 192

_SAMPLES: Final = {
    "JPEG": (
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4"
        "UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAABAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABsQAAAHAQAAAAAA"
        "AAAAAAAAAAABAwUGNnSy/9oACAEBAAA/AGEfrzZkS4If/9k="
    ),
    "PNG": (
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGNgYGD4//8/AAYBAv4CsjmuAAAAAElFTkSuQmCC"
    ),
    "WEBP": "UklGRiAAAABXRUJQVlA4TBMAAAAvAQAAAA8w//M///MfeKhARP8DAA==",
    "AVIF": (
        "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOltZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
        "AAAAAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAAQ0AAAAiAAAAKGlpbmYAAAAAAAEAAAAaaW5m"
        "ZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGhpcHJwAAAASWlwY28AAAAUaXNwZQAAAAAAAAACAAAAAQAAAA5waXhpAAAAAAEI"
        "AAAADGF2MUOBABwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAKm1kYXQSAAoHGAAm"
        "mAhoNTIVGUYhh55oVP9cLf22slEz3UvNwiKI"
    ),
    "HEIF": (
        "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABfG1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAA"
        "AAAAImlsb2MAAAAAREAAAQABAAAAAAGcAAEAAAAAAAAAOgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEA"
        "AAAADnBpdG0AAAAAAAEAAAD8aXBycAAAANxpcGNvAAAAdWh2Y0MBA3AAAACQAAAAAAAe8AD8/fj4AAAPA2AAAQAYQAEM"
        "Af//A3AAAAMAkAAAAwAAAwAeugJAYQABAClCAQEDcAAAAwCQAAADAAADAB6gIIEFluqumubgIaDAgAAADIAAAAMAhGIA"
        "AQAGRAHBc8GJAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAACAAAAAQAAAAEA"
        "AAAB////wgAAAAL////BAAAAAgAAABBwaXhpAAAAAAMICAgAAAAYaXBtYQAAAAAAAAABAAEFgQIDBYQAAABCbWRhdAAA"
        "ADYoAa8TIXRiwOX6HIl5/Xb6c6DXHpt2FHlI0rVGZcspxRryyvJ8USNTKkDkHQRCV+Sk+jEKQcA="
    ),
    "GIF": "R0lGODdhAgABAIEAAP///wAAAAAAAAAAACwAAAAAAgABAAAIBQADAAgIADs=",
    "TIFF": (
        "SUkqABIAAAB4nGP4DwABAQEACQAAAQMAAQAAAAIAAAABAQMAAQAAAAEAAAACAQMAAQAAAAgAAAADAQMAAQAAAAgAAAAG"
        "AQMAAQAAAAEAAAARAQQAAQAAAAgAAAAWAQMAAQAAAAEAAAAXAQQAAQAAAAoAAAAcAQMAAQAAAAEAAAAAAAAA"
    ),
    "BMP": "Qk0+AAAAAAAAADYAAAAoAAAAAgAAAAEAAAABABgAAAAAAAgAAADEDgAAxA4AAAAAAAAAAAAAAAAA////AAA=",
}


def check_codecs(samples: Mapping[str, str] = _SAMPLES) -> list[str]:
    """Return the names of the formats that cannot be decoded here."""
    return [name for name, sample in samples.items() if not _decodes(name, b64decode(sample))]


def _decodes(name: str, sample: bytes) -> bool:
    try:
        decoded = decode(BytesIO(sample), Limits())
    except ImageError:
        return False
    black, white = decoded.image.convert("L").get_flattened_data()
    return decoded.source_format == name and black < _DARK and white > _LIGHT  # type: ignore[operator]
