"""PNG files without what stands beside the image: text, histories, whole workflows, packed or damaged."""

import struct
import zlib
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

from vision_chat.services.images._hdr import Colours
from vision_chat.services.images.removed import RemovedData, removed_from_xmp

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"eXIf", b"acTL", b"fcTL", b"fdAT"})
_TEXT: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_XMP: Final = b"XML:com.adobe.xmp\0"
_MAX_XMP_BYTES: Final = 1_000_000  # of a longer one the rest is not looked at
_PROFILE: Final = b"iCCP"
_MAX_PROFILE_BYTES: Final = 1_000_000  # unpacked; a longer one would cost the image
_MAX_CHUNKS: Final = 200_000
_PIECE: Final = 1 << 20


class CleanPng(NamedTuple):
    file: BinaryIO
    colours: Colours | None
    """Those that its chunk `cICP` names."""
    removed: set[RemovedData]


def without_text(file: BinaryIO) -> CleanPng:
    """Return the file with only the chunks that say how its pixels look. Raises ValueError.

    Pillow unpacks text, and gives up the image where that is longer than a megabyte.
    """
    size = file.seek(0, 2)
    file.seek(len(SIGNATURE))
    output = BytesIO()
    output.write(SIGNATURE)
    colours = None
    removed = set[RemovedData]()
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        length, name = struct.unpack(">I4s", head)
        if name == b"cICP":
            colours = Colours(*file.read(2))
            file.seek(length - 2 + 4, 1)
        elif name in _NEEDED or name[:1].isupper() or (name == _PROFILE and _is_short(file, length)):
            output.write(head)
            _copy(file, output, min(length + 4, size - file.tell()))
        elif name in _TEXT:
            removed |= _said(file.read(min(length, _MAX_XMP_BYTES)))
            file.seek(max(0, length - _MAX_XMP_BYTES) + 4, 1)
        else:
            file.seek(length + 4, 1)
        if name == b"IEND":
            break
    else:
        raise ValueError(f"more than {_MAX_CHUNKS} chunks")
    output.seek(0)
    return CleanPng(output, colours, removed)


def _said(text: bytes) -> set[RemovedData]:
    return removed_from_xmp(text) if text.startswith(_XMP) else {RemovedData.TEXT}


def _is_short(file: BinaryIO, length: int) -> bool:
    """Tell whether the profile that begins here is sound and not too long. Leaves the file where it is."""
    begin = file.tell()
    packed = file.read(min(length, _MAX_PROFILE_BYTES)).partition(b"\0")[2][1:]
    file.seek(begin)
    try:
        return len(zlib.decompressobj().decompress(packed, _MAX_PROFILE_BYTES)) < _MAX_PROFILE_BYTES
    except zlib.error:
        return False


def _copy(file: BinaryIO, output: BinaryIO, length: int) -> None:
    while length > 0:
        piece = file.read(min(length, _PIECE))
        if not piece:
            return
        output.write(piece)
        length -= len(piece)
