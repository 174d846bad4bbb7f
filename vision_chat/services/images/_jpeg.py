"""JPEG files: scaled as they are decoded where they are large, and read to the end that they have."""

import struct
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from typing import IO, BinaryIO, Final, cast

from PIL import Image, ImageChops, JpegImagePlugin

from vision_chat.services.images.limits import MEGAPIXEL, Limits, jpeg_scale

START: Final = b"\xff\xd8\xff"
_START_OF_IMAGE: Final = b"\xff\xd8"
_START_OF_SCAN: Final = b"\xff\xda"
_END_OF_IMAGE: Final = b"\xff\xd9"
_OTHER_DATA: Final = b"\x55" * 2048
_PIECE: Final = 1 << 16

_MAX_SCANS: Final = 100  # cameras and optimisers write 1 to 20
_SCANNED_MEGAPIXELS: Final = 50  # with so many scans; larger images may have fewer
_MAX_READS: Final = 20_000
"""A part of the header takes four, but padding between parts is read byte by byte, at a microsecond each."""
_PART_NEEDED: Final = 0.75
"""The part of its rows without which an image counts as damaged."""
_FLAT: Final = 8
_BLOCK: Final = 16
_GREY: Final = (126, 130)
"""The decoder gives places without data the middle of every range."""


class JpegFile(RawIOBase):
    """The JPEG that begins at `start` of a file. Limits scans and reads, and ends it where the file stops.

    The format limits no scans: one of 75 bytes costs 35 ms at 49 megapixels, so a file of allowed size could
    take hours. The marker that starts a scan cannot occur inside its data, so counting it counts the scans.
    """

    def __init__(
        self, file: BinaryIO, start: int = 0, end: int | None = None, ending: bytes = _END_OF_IMAGE
    ) -> None:
        self._file = file
        self._start = start
        self._end = end
        self._ending = ending
        self.max_scans = _MAX_SCANS
        self.scans: list[int] = []
        """Where each scan begins, as far as the file was read."""
        self.is_ended_early = False
        self._reads = 0
        self._read_to = 0
        self._last = b""
        """The last byte before `_read_to`: a marker may be cut by the border of two reads."""
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        self._reads += 1
        if self._reads > _MAX_READS:
            raise ValueError(f"more than {_MAX_READS} reads")
        at = self.tell()
        if self._end is not None:
            size = max(0, self._end - at) if size < 0 else min(size, self._end - at)
        data = self._file.read(size)
        self._note_scans(at, data)
        if not data and not self.is_ended_early:
            self.is_ended_early = True
            return self._ending
        return data

    def _note_scans(self, at: int, data: bytes) -> None:
        kept = self._last if at == self._read_to else b""
        self._read_to = at + len(data)
        at, data = at - len(kept), kept + data
        self._last = data[-1:]
        found = data.find(_START_OF_SCAN)
        while found >= 0:
            if not self.scans or at + found > self.scans[-1]:
                self.scans.append(at + found)
            found = data.find(_START_OF_SCAN, found + 2)
        if len(self.scans) > self.max_scans:
            raise ValueError(f"more than {self.max_scans} scans")

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        offset += {SEEK_SET: self._start, SEEK_CUR: 0}.get(whence, 0)
        return self._file.seek(offset, whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start

    def until(self, end: int, ending: bytes = _END_OF_IMAGE) -> "JpegFile":
        """Return the same JPEG as if the file stopped at `end`, and went on with `ending`."""
        return JpegFile(self._file, self._start, end, ending)

    def length(self) -> int:
        return self.seek(0, SEEK_END) if self._end is None else self._end

    def part(self, at: int, size: int) -> bytes:
        self.seek(at)
        return self._file.read(size)


def end_of_data(file: BinaryIO) -> int:
    """Return where the zeros at the end of a file begin.

    A download that stopped may have its full length already, and zeros for what did not come.
    """
    end = file.seek(0, SEEK_END)
    while end:
        begin = max(0, end - _PIECE)
        file.seek(begin)
        if kept := len(file.read(end - begin).rstrip(b"\0")):
            return begin + kept
        end = begin
    return 0


def open_jpeg(file: JpegFile) -> JpegImagePlugin.JpegImageFile:
    """Read the header. Raises what Pillow raises."""
    image = Image.open(cast("IO[bytes]", file), formats=("JPEG", "MPO"))
    file.is_ended_early = False
    return cast(JpegImagePlugin.JpegImageFile, image)


def scale_down(
    image: JpegImagePlugin.JpegImageFile,
    file: JpegFile,
    limits: Limits,
    at_least: tuple[int, int] | None = None,
) -> None:
    """Have the image decoded as large as the limits allow, or as a copy of the size `at_least` needs.

    Raises ImageTooManyPixelsError.
    """
    width, height = image.size
    file.max_scans = max(
        10, min(_MAX_SCANS, _MAX_SCANS * _SCANNED_MEGAPIXELS * MEGAPIXEL // (width * height))
    )
    scale = jpeg_scale(width, height, _coefficient_bytes(image), limits)
    size = width // scale, height // scale
    if at_least:
        # twice as large as needed, so that the resizing that follows looks the same
        size = min(size[0], 2 * at_least[0]), min(size[1], 2 * at_least[1])
    image.draft(None, (max(1, size[0]), max(1, size[1])))


def is_cut_off(image: JpegImagePlugin.JpegImageFile, file: JpegFile) -> bool:
    """Tell whether the file of a loaded image just stops within it, or says there that it ends."""
    return file.is_ended_early or (_rows_with_data(image) < image.height and _is_ended_by_marker(file))


def is_whole_enough(image: JpegImagePlugin.JpegImageFile, file: JpegFile) -> bool:
    """Tell whether a loaded image of a file that ended early shows enough of its rows."""
    if _rows_with_data(image) < _PART_NEEDED * image.height:
        return False
    return "progressive" not in image.info or _is_fine_enough(file)


def _coefficient_bytes(image: JpegImagePlugin.JpegImageFile) -> int:
    """Bytes that the decoder needs to collect the scans of a progressive file."""
    if "progressive" not in image.info:
        return 0
    layers = image.layer
    whole = max(layer[1] for layer in layers) * max(layer[2] for layer in layers)
    return int(2 * image.width * image.height * sum(layer[1] * layer[2] for layer in layers) / whole)


def _rows_with_data(image: Image.Image) -> int:
    """Count the rows above those that are of one middle grey at the end."""
    least = int(_PART_NEEDED * image.height)
    for bottom in range(image.height, least, -1):
        extrema = image.crop((0, bottom - 1, image.width, bottom)).getextrema()
        bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
        if not all(_GREY[0] <= low and high <= _GREY[1] for low, high in bands):
            return bottom
    return least - 1


def _is_ended_by_marker(file: JpegFile) -> bool:
    """Tell whether the last marker of an end stands where data are missing: others would be read there."""
    begin = max(0, file.length() - _PIECE)
    found = file.part(begin, file.length() - begin).rfind(_END_OF_IMAGE)
    if found < 0:
        return False
    as_it_is = _halved(file.until(file.length()))
    with_others = _halved(file.until(begin + found, _OTHER_DATA + _END_OF_IMAGE))
    return ImageChops.difference(as_it_is, with_others).getbbox() is not None


def _is_fine_enough(file: JpegFile) -> bool:
    """Tell whether every scan of a progressive file has begun, and the last one reached enough rows.

    How far that one came is seen by decoding the file with and without its data.
    """
    first = _first_scan(file)
    headers = [file.part(at, 16) for at in file.scans if at >= first]
    if not _has_all_scans(headers):
        return False
    # its header stays in both, since a decoder smooths what no scan has refined
    (header_length,) = struct.unpack_from(">H", headers[-1], 2)
    without = _halved(file.until(file.scans[-1] + 2 + header_length))
    with_last = _halved(file.until(file.length()))
    box = ImageChops.difference(with_last, without).getbbox()
    if box is None or box[3] >= _PART_NEEDED * with_last.height:
        return True
    # nothing is refined where there is nothing, as at the end of a page
    begin = min(box[3] + _BLOCK, with_last.height - 1)
    return _is_flat(with_last.crop((0, begin, with_last.width, with_last.height)))


def _first_scan(file: JpegFile) -> int:
    """Return where the header ends, which may hold a thumbnail with a scan; 0 where that cannot be told."""
    at = len(_START_OF_IMAGE)
    while (marker := file.part(at, 2)) != _START_OF_SCAN:
        if marker[:1] != b"\xff":
            return 0
        is_padding = marker[1:] == b"\xff"
        at += 1 if is_padding else 2 + int.from_bytes(file.part(at + 2, 2))
    return at


def _is_flat(image: Image.Image) -> bool:
    extrema = image.getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(high - low <= _FLAT for low, high in bands)


def _has_all_scans(headers: list[bytes]) -> bool:
    """Tell whether the scans bring the components to their last bit at all frequencies.

    Lightness comes last and is the longest. The last of four components may be missing: often it is empty.
    """
    seen: set[int] = set()
    first: set[int] = set()
    fine: set[int] = set()
    for header in headers:
        count = header[4]
        components = set(header[5 : 5 + 2 * count : 2])
        start, end, bits = struct.unpack_from("BBB", header, 5 + 2 * count)
        seen |= components
        if bits & 15 == 0:
            first |= components if start == 0 else set()
            fine |= components if end == 63 else set()
    unfinished = seen - (first & fine)
    return min(seen) not in unfinished and len(unfinished) <= (len(seen) == 4)


def _halved(file: JpegFile) -> Image.Image:
    image = open_jpeg(file)
    image.draft(None, (image.width // 2, image.height // 2))
    image.load()
    return image
