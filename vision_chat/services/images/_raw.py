"""Raw files of cameras: the large JPEG that a camera puts into them for its own display."""

from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

from PIL import ExifTags
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from vision_chat.errors.images import ImageRawError
from vision_chat.services.images import _jpeg
from vision_chat.services.images.removed import RemovedData

_MIN_SIDE: Final = 640
"""Longest side below which a preview is only a thumbnail."""
_MAX_CANDIDATES: Final = 400
_PIECE: Final = 1 << 20

_BEGINNINGS: Final = {
    b"FUJIFILMCCD-RAW": "Fujifilm",
    b"FOVb": "Sigma",
    b"IIRO": "Olympus",
    b"IIRS": "Olympus",
    b"MMOR": "Olympus",
    b"IIU\0": "Panasonic",
    b"\0MRM": "Minolta",
}
_TIFF: Final = (b"II*\0", b"MM\0*")
_CANON_3: Final = b"ftypcrx "
_CANON_2: Final = b"CR"
_DNG_VERSION, _COMPRESSION, _PHOTOMETRIC, _SUB_IFDS = 50706, 259, 262, 330
_SENSOR: Final = frozenset({32803, 34892})  # photometric: a pattern of colour filters, linear raw
_MAKERS_COMPRESSIONS: Final = frozenset({32767, 34316, 34713, 65535})  # Sony, Panasonic, Nikon, Pentax


class Preview(NamedTuple):
    """Where the JPEG begins, and the orientation that the raw file gives it."""

    start: int
    orientation: int
    removed: set[RemovedData]
    """Facts in the raw file that its preview may lack."""


class _Kind(NamedTuple):
    name: str
    orientation: int
    has_location: bool = False


def is_raw(file: BinaryIO) -> bool:
    """Tell whether this is a raw file."""
    return _kind_of(file) is not None


def find_preview(file: BinaryIO) -> Preview | None:
    """Find the largest JPEG of a raw file; None for other files. Raises ImageRawError where it has none."""
    kind = _kind_of(file)
    if kind is None:
        return None
    sizes = {start: _size_at(file, start) for start in _candidates(file)}
    start = max(sizes, key=lambda each: sizes[each][0] * sizes[each][1], default=None)
    if start is None or max(sizes[start]) < _MIN_SIDE:
        raise ImageRawError(maker=kind.name)
    removed = {RemovedData.CAMERA, RemovedData.LOCATION} if kind.has_location else {RemovedData.CAMERA}
    return Preview(start, kind.orientation, removed)


def _kind_of(file: BinaryIO) -> _Kind | None:
    """Return whose raw file this is; None for other files."""
    file.seek(0)
    head = file.read(1 << 16)
    for beginning, name in _BEGINNINGS.items():
        if head.startswith(beginning):
            return _Kind(name, 1)
    if head[4:12] == _CANON_3:
        return _Kind("Canon", _orientation_in_box(head))
    return _kind_of_tiff(file, head) if head.startswith(_TIFF) else None


def _kind_of_tiff(file: BinaryIO, head: bytes) -> _Kind | None:
    try:
        main = _directory(file, head[:8])
        others = main.get(_SUB_IFDS, ())
        parts = [main, *(_directory(file, head[:8], at) for at in _numbers(others)[:8])]
    except Exception:  # noqa: BLE001  # damaged tags raise any exception; Pillow says what is wrong
        return None
    if not (head[8:10] == _CANON_2 or _DNG_VERSION in main or any(map(_is_of_sensor, parts))):
        return None
    maker = str(main.get(ExifTags.Base.Make, "")).split()
    name = maker[0].title() if maker else ("DNG" if _DNG_VERSION in main else "camera")
    return _Kind(name, int(main.get(ExifTags.Base.Orientation, 1)), ExifTags.IFD.GPSInfo in main)


def _is_of_sensor(directory: ImageFileDirectory_v2) -> bool:
    return directory.get(_PHOTOMETRIC) in _SENSOR or directory.get(_COMPRESSION) in _MAKERS_COMPRESSIONS


def _numbers(value: object) -> list[int]:
    return [int(each) for each in value] if isinstance(value, tuple) else [int(str(value))]


def _directory(file: BinaryIO, header: bytes, at: int | None = None) -> ImageFileDirectory_v2:
    directory = ImageFileDirectory_v2(header)
    file.seek(directory.next if at is None else at)
    directory.load(file)
    return directory


def _orientation_in_box(head: bytes) -> int:
    """Return the orientation that Canon's box CMT1 says, which is a small TIFF."""
    tags = head.partition(b"CMT1")[2]
    try:
        return int(_directory(BytesIO(tags), tags[:8]).get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  # damaged tags raise any exception
        return 1


def _candidates(file: BinaryIO) -> list[int]:
    """Return where JPEGs seem to begin."""
    starts: list[int] = []
    at, kept = 0, b""
    file.seek(0)
    while (piece := file.read(_PIECE)) and len(starts) < _MAX_CANDIDATES:
        data = kept + piece
        found = data.find(_jpeg.START)
        while found >= 0:
            starts.append(at - len(kept) + found)
            found = data.find(_jpeg.START, found + 3)
        at, kept = at + len(piece), data[-2:]
    return starts[:_MAX_CANDIDATES]


def _size_at(file: BinaryIO, start: int) -> tuple[int, int]:
    """Return the size of the JPEG there; (0, 0) for something else, such as a raw image packed like one."""
    try:
        image = _jpeg.open_jpeg(_jpeg.JpegFile(file, start))
    except Exception:  # noqa: BLE001  # decoders raise any exception for what is none
        return 0, 0
    return image.size if image.mode in ("RGB", "L") else (0, 0)
