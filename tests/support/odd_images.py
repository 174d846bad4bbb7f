"""Pictures as phones, cameras, scanners and programs write them, which a plain encoder does not."""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, PngImagePlugin

from tests.support.sample_images import chart, encoded

_KINDS: Final = {1: "B", 2: "B", 3: "H", 4: "I"}
Entries = Mapping[int, tuple[int, tuple[int, ...]]]


def written(ink: str, on: tuple[int, int, int, int], size: tuple[int, int] = (640, 240)) -> Image.Image:
    """A word in a frame on a transparent ground."""
    image = Image.new("RGBA", size, on)
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 10, size[1] // 10, size[0] * 9 // 10, size[1] * 9 // 10), outline=ink, width=4)
    draw.text((size[0] // 4, size[1] // 2), "NORTH", fill=ink, font_size=size[1] // 6)
    return image


def png_with_text(length: int = 1_500_000) -> bytes:
    """A PNG with packed text of this length, of three kinds."""
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "SECRET" * (length // 6), zip=True)
    info.add_itxt("XML:com.adobe.xmp", "SECRET" * (length // 6), zip=True)
    info.add_text("Comment", "SECRET" * 2000)
    return encoded(chart(), "PNG", pnginfo=info)


def png_with_chunk(name: bytes, data: bytes) -> bytes:
    """A PNG of the chart with one more chunk before its pixels."""
    whole = encoded(chart(), "PNG")
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return whole[:33] + chunk + whole[33:]


def bmp_with_alpha(image: Image.Image, alpha: int) -> bytes:
    """A 32-bit BMP with a V4 header and an alpha mask."""
    rows = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("RGBA")
    rows.putalpha(alpha)
    red, green, blue, mask = rows.split()
    pixels = Image.merge("RGBA", (blue, green, red, mask)).tobytes()
    width, height = image.size
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(36 + 12)
    offset = 14 + len(header)
    return struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset) + header + pixels


def grey_tiff(values: tuple[int, ...], photometric: int, *, big_endian: bool = False) -> bytes:
    """A row of 16-bit samples. `photometric` 0 means that zero is white."""
    order = ">" if big_endian else "<"
    entries = {
        256: (4, (len(values),)),
        257: (4, (1,)),
        258: (3, (16,)),
        259: (3, (1,)),
        262: (3, (photometric,)),
        273: (4, (0,)),
        277: (3, (1,)),
        278: (4, (1,)),
        279: (4, (2 * len(values),)),
    }
    return tiff([entries], struct.pack(f"{order}{len(values)}H", *values), order)


def colour_tiff(values: tuple[int, ...], *, big_endian: bool = False, packed: bool = False) -> bytes:
    """A row of pixels of three 16-bit samples, of which Pillow itself writes none."""
    order = ">" if big_endian else "<"
    pixels = struct.pack(f"{order}{len(values)}H", *values)
    pixels = zlib.compress(pixels) if packed else pixels
    entries = {
        256: (4, (len(values) // 3,)),
        257: (4, (1,)),
        258: (3, (16, 16, 16)),
        259: (3, (8 if packed else 1,)),
        262: (3, (2,)),
        273: (4, (0,)),
        277: (3, (3,)),
        278: (4, (1,)),
        279: (4, (len(pixels),)),
    }
    return tiff([entries], pixels, order)


def colour_png(values: tuple[int, ...], channels: int = 3) -> bytes:
    """A row of pixels of 16-bit samples, RGB or RGBA."""
    kind = {3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", len(values) // channels, 1, 16, kind, 0, 0, 0)
    row = zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values))
    chunks = ((b"IHDR", header), (b"IDAT", row), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def tiff(directories: list[Entries], pixels: bytes, order: str = "<", magic: bytes = b"") -> bytes:
    """A TIFF of directories, each linked to the next. 0 in tag 273 becomes the place of `pixels`."""
    head = magic or (b"II*\0" if order == "<" else b"MM\0*")
    at = len(head) + 4
    sizes = [_directory_size(entries) for entries in directories]
    pixels_at = at + sum(sizes)
    body, place = b"", at
    for number, (entries, size) in enumerate(zip(directories, sizes, strict=True)):
        following = place + size if number + 1 < len(directories) else 0
        body += _directory(entries, place, pixels_at, following, order)
        place += size
    return head + struct.pack(f"{order}I", at) + body + pixels


def _directory_size(entries: Entries) -> int:
    lengths = [len(values) * struct.calcsize(_KINDS[kind]) for kind, values in entries.values()]
    return 2 + 12 * len(entries) + 4 + sum(length for length in lengths if length > 4)


def _directory(entries: Entries, at: int, pixels_at: int, following: int, order: str) -> bytes:
    rows, extra = b"", b""
    extra_at = at + 2 + 12 * len(entries) + 4
    for tag in sorted(entries):
        kind, values = entries[tag]
        values = (pixels_at,) if tag == 273 and values == (0,) else values
        data = struct.pack(f"{order}{len(values)}{_KINDS[kind]}", *values)
        rows += struct.pack(f"{order}HHI", tag, kind, len(values))
        if len(data) > 4:
            rows += struct.pack(f"{order}I", extra_at + len(extra))
            extra += data
        else:
            rows += data.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(entries)) + rows + struct.pack(f"{order}I", following) + extra


def raw_tiff(
    maker: str, preview: bytes, *, orientation: int = 1, tags: Entries | None = None, magic: bytes = b""
) -> bytes:
    """A raw file in the manner of DNG, NEF and ARW: a thumbnail of 4 x 4, a JPEG, and the sensor's values."""
    thumbnail = bytes(48)
    name = maker.encode() + b"\0"
    main = {
        254: (4, (1,)),
        256: (4, (4,)),
        257: (4, (4,)),
        258: (3, (8, 8, 8)),
        259: (3, (1,)),
        262: (3, (2,)),
        271: (2, tuple(name)),
        273: (4, (0,)),
        274: (3, (orientation,)),
        277: (3, (3,)),
        278: (4, (4,)),
        279: (4, (48,)),
        330: (4, (0,)),
    } | dict(tags or {})
    sensor = {256: (4, (64,)), 257: (4, (64,)), 258: (3, (14,)), 259: (3, (1,)), 262: (3, (32803,))}
    # where the second directory stands is known only when the first has its size
    start = len(magic or b"II*\0") + 4
    main[330] = (4, (start + _directory_size(main),))
    return tiff([main, sensor], thumbnail + bytes(64 * 64 * 2) + preview + bytes(1000), magic=magic)


def jpeg_preview(size: tuple[int, int] = (1600, 1200)) -> bytes:
    """The JPEG of a camera's display, with a thumbnail of its own in front of it."""
    small = encoded(chart((160, 120)), "JPEG")
    return small + bytes(7) + encoded(chart(size), "JPEG")


def canon_raw(preview: bytes, orientation: int = 1) -> bytes:
    """A raw file of Canon's third kind: boxes, of which one is a small TIFF."""
    tags = tiff([{271: (2, tuple(b"Canon\0")), 274: (3, (orientation,))}], b"")
    box = struct.pack(">I4s", 8 + len(tags), b"CMT1") + tags
    return struct.pack(">I4s8s", 24, b"ftyp", b"crx \0\0\0\1") + b"crx isom" + box + bytes(100) + preview


def with_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """The HEIF or AVIF file with other numbers in its "nclx" box."""
    before, name, after = data.partition(b"colrnclx")
    assert name, "the encoder writes no such box"
    return before + name + struct.pack(">HH", primaries, transfer) + after[4:]


def animation(to: str, frames: list[Image.Image]) -> bytes:
    options = {"disposal": 2} if to in ("GIF", "PNG") else {}
    return encoded(frames[0], to, save_all=True, append_images=frames[1:], duration=100, **options)


def reopened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))
