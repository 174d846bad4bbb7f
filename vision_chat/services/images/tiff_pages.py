"""The pages of a TIFF: how many there are, told without decoding any. They are drawn by `HANDLER`."""

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from vision_chat.services.images._raw import is_raw

HANDLER: Final = Path(__file__).with_name("_tiff_child.py")
"""The script of the process that draws pages."""

_MAX_DIRECTORIES: Final = 10_000
_NEW_SUBFILE_TYPE: Final = 254
_NO_PAGE: Final = 1 | 4
"""Bits of what is no page of its own: a smaller version of another, a mask."""
_SHORT: Final = 3


def is_tiff(path: Path) -> bool:
    """Tell whether a file begins as TIFFs do, and raw files of many cameras."""
    with path.open("rb") as file:
        return file.read(4) in _LAYOUTS


def has_several_pages(path: Path) -> bool:
    """Tell whether a file is a TIFF of which pages can be chosen."""
    with path.open("rb") as file:
        return len(list(islice(_frames(file), 2))) > 1 and not is_raw(file)


def frames_of_pages(path: Path) -> list[int]:
    """Return the numbers that the pages have among all that is in a TIFF, counted from 0."""
    with path.open("rb") as file:
        return list(_frames(file))


class _Layout:
    """How a TIFF writes its numbers: from which end, and how wide they are."""

    def __init__(self, order: str, *, is_big: bool) -> None:
        self.order = order
        self.place = struct.Struct(order + ("Q" if is_big else "I"))
        self.count = struct.Struct(order + ("Q" if is_big else "H"))
        self.entry = struct.Struct(order + ("HHQ8s" if is_big else "HHI4s"))
        self.first = 8 if is_big else 4
        """Where the place of the first directory stands."""


_LAYOUTS: Final = {
    b"II*\0": _Layout("<", is_big=False),
    b"MM\0*": _Layout(">", is_big=False),
    b"II+\0": _Layout("<", is_big=True),
    b"MM\0+": _Layout(">", is_big=True),
}


def _frames(file: BinaryIO) -> Iterator[int]:
    """Yield the numbers of pages, up to where the file is damaged."""
    layout = _LAYOUTS.get(file.read(4))
    if layout is None:
        return
    seen: set[int] = set()
    try:
        (at,) = _at(file, layout.first, layout.place)
        while at and at not in seen and len(seen) < _MAX_DIRECTORIES:
            (count,) = _at(file, at, layout.count)
            first = at + layout.count.size
            if not _kind(file, layout, first, count) & _NO_PAGE:
                yield len(seen)
            seen.add(at)
            (at,) = _at(file, first + count * layout.entry.size, layout.place)
    except (struct.error, OverflowError, OSError, ValueError):
        return


def _kind(file: BinaryIO, layout: _Layout, first: int, count: int) -> int:
    """Return what a directory says that its picture is. Its entries are in the order of their tags."""
    for index in range(min(count, _NEW_SUBFILE_TYPE)):
        tag, kind, _, value = _at(file, first + index * layout.entry.size, layout.entry)
        if tag == _NEW_SUBFILE_TYPE:
            number: int = struct.unpack_from(layout.order + ("H" if kind == _SHORT else "I"), value)[0]
            return number
        if tag > _NEW_SUBFILE_TYPE:
            break
    return 0


def _at(file: BinaryIO, place: int, numbers: struct.Struct) -> tuple[Any, ...]:
    file.seek(place)
    return numbers.unpack(file.read(numbers.size))
