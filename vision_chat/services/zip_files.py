"""ZIP files that are made while they are read: never more than a piece of one is in memory."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models.fields.files import FieldFile
from django.utils import timezone

from vision_chat.services.files.errors import LOST

PIECE_BYTES = 256 * 1024
AS_IT_IS = 0
"""The level of images, which are compressed already. Unlike "stored", it lets their length follow them."""


class Pipe:
    """The file that the ZIP is written to: what was written is taken out at once."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def open_zip(pipe: Pipe) -> ZipFile:
    """Return a ZIP that is written to `pipe`."""
    return ZipFile(cast(BinaryIO, pipe), "w", ZIP_DEFLATED)


def entry_of(path: str, moment: datetime) -> ZipInfo:
    """Return the head of a file in a ZIP."""
    written = timezone.localtime(moment)
    entry = ZipInfo(path, (max(written.year, 1980), *written.timetuple()[1:6]))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def add_image(archive: ZipFile, path: str, image: FieldFile, moment: datetime) -> Iterator[None]:
    """Write the file of an image in pieces. Nothing of one that is lost."""
    try:
        file = image.storage.open(str(image.name), "rb")
    except LOST:
        return
    entry = entry_of(path, moment)
    # `writestr`, the documented way, wants a whole file in memory
    entry._compresslevel = AS_IT_IS  # type: ignore[attr-defined]  # unknown to the stubs
    with file, archive.open(entry, "w") as target:
        while piece := file.read(PIECE_BYTES):
            target.write(piece)
            yield
