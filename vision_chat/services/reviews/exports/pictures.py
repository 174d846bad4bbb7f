"""Pictures of an export: addresses in its lines, and the files beside them."""

import base64
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models.fields.files import FieldFile

from vision_chat.models import UploadedImage
from vision_chat.services.files.errors import LOST
from vision_chat.services.reviews.exports.choices import Pictures

PIECE_BYTES: Final = 3 * 64 * 1024
"""Bytes that become base64 at a time: without padding in between."""
LOOKED_UP: Final = 100
CONTENT_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

PicturePiece = tuple[str, FieldFile, datetime]
"""Path of a file in a ZIP, the file, and when it came."""


class PictureFiles:
    """The pictures that lines name. A picture is what a model was given: with what was drawn on it."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._named: dict[bytes, None] = {}
        # no text of a conversation can have it
        self._sign = uuid.uuid4().hex
        self._slots: dict[str, UploadedImage] = {}
        self._slot = re.compile(f"{self._sign}:([0-9a-f]{{32}})".encode())

    def address_of(self, image: UploadedImage) -> str | None:
        """Return the address of a picture for a line; None where pictures are left out, or it is lost."""
        if self._pictures is Pictures.LEFT_OUT or not _is_there(image):
            return None
        if self._pictures is Pictures.FILES:
            self._named[image.pk.bytes] = None
            return path_of(image)
        self._slots[image.pk.hex] = image
        return f"{self._sign}:{image.pk.hex}"

    def line_of(self, record: object) -> Iterator[bytes]:
        """Yield a record as a line, with the pictures in their places, of which a piece is in memory."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        at = 0
        for slot in self._slot.finditer(line):
            yield line[at : slot.start()]
            yield from _data_url(self._slots[slot[1].decode()])
            at = slot.end()
        self._slots.clear()
        yield line[at:]

    def files(self) -> Iterator[PicturePiece]:
        """Yield the pictures that lines have named and that are still there."""
        ids = list(self._named)
        for start in range(0, len(ids), LOOKED_UP):
            found = _by_id(ids[start : start + LOOKED_UP])
            for image in found:
                yield path_of(image), image.for_copies, image.created_at


def path_of(image: UploadedImage) -> str:
    """Return the path of a picture in a ZIP: always the same, and without its name."""
    return f"pictures/{image.pk}.{_extension_of(image)}"


def _by_id(ids: Sequence[bytes]) -> list[UploadedImage]:
    found = UploadedImage.objects.in_bulk([uuid.UUID(bytes=each) for each in ids])
    return list(found.values())


def _extension_of(image: UploadedImage) -> str:
    return str(image.for_copies.name).rpartition(".")[2]


def _is_there(image: UploadedImage) -> bool:
    return image.for_copies.storage.exists(str(image.for_copies.name))


def _data_url(image: UploadedImage) -> Iterator[bytes]:
    yield f"data:{CONTENT_TYPES[_extension_of(image)]};base64,".encode()
    try:
        file = image.for_copies.storage.open(str(image.for_copies.name), "rb")
    except LOST:
        return  # in this moment
    with file:
        while piece := file.read(PIECE_BYTES):
            yield base64.b64encode(piece)
