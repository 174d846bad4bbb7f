"""Test pictures, friendly and hostile, made when they are needed: no binary file lies in the repository.

Whatever must not survive in a stored picture carries the bytes SECRET.
"""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

pillow_heif.register_heif_opener()

SECRET = b"SECRET"
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP")
TWELVE_MEGAPIXELS = (4032, 3024)
CORNERS = {"red": (0, 0), "green": (1, 0), "blue": (0, 1), "white": (1, 1)}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><city>SECRET-XMP</city></rdf:RDF></x:xmpmeta>'

_TURN = Image.Transpose
_UNDO = {
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_90,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_270,
}


def chart(size: tuple[int, int] = (240, 160)) -> Image.Image:
    """Red and green above, blue and white below: any turn or flip shows."""
    width, height = size
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), "red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), (0, 255, 0))
    draw.rectangle((0, height // 2, width // 2 - 1, height), "blue")
    return image


def scene(size: tuple[int, int]) -> Image.Image:
    """Shapes of every size under grain: compresses about as well as a photograph does, at every scale."""
    image = Image.new("RGB", size, "gray")
    for step in (256, 64, 16):
        rough = (max(1, size[0] // step), max(1, size[1] // step))
        bands = [Image.effect_noise(rough, 80).resize(size, Image.Resampling.BICUBIC) for _ in "RGB"]
        image = Image.blend(image, Image.merge("RGB", bands), 0.6 if step > 16 else 0.1)
    grain = Image.effect_noise(size, 26)
    return Image.blend(image, Image.merge("RGB", (grain,) * 3), 0.2)


def noise(size: tuple[int, int]) -> Image.Image:
    """The worst that an encoder can meet."""
    return Image.merge("RGB", [Image.effect_noise(size, 200) for _ in "RGB"])


def screenshot(size: tuple[int, int] = (1000, 600)) -> Image.Image:
    """Lines of small text on white, with sharp edges."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(0, size[1], 20):
        draw.text((10, line), f"{line:04} def answer(question: str) -> str: return question * {line}", "navy")
    return image


def contract(size: tuple[int, int] = (2400, 1800), text: int = 14) -> Image.Image:
    """A page full of text of this height in pixels."""
    page = Image.new("RGB", size, "white")
    drawing, font = ImageDraw.Draw(page), ImageFont.load_default(text)
    sentence = "The parties agree to what is written here, in words too small to read. "
    for top in range(2 * text, size[1] - 2 * text, round(1.5 * text)):
        drawing.text((2 * text, top), sentence * (1 + size[0] // (30 * text)), "black", font)
    return page


def encoded(image: Image.Image, to: str, **options: Any) -> bytes:
    """`image` as a file of the format `to`."""
    buffer = BytesIO()
    image.save(buffer, to, **options)
    return buffer.getvalue()


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """`image` as a camera would store it that says `orientation`: applying that gives `image` again."""
    return image.transpose(_UNDO[orientation]) if orientation in _UNDO else image


def laden(image: Image.Image, to: str, orientation: int = 1) -> bytes:
    """A file of the format `to` with every kind of metadata that the format can hold."""
    return _LADEN[to](turned(image, orientation), orientation)


def photograph(size: tuple[int, int] = TWELVE_MEGAPIXELS, quality: int = 92) -> bytes:
    """A JPEG as it comes from a phone held upright: stored lying, with all that phones write into it.

    `size` is the size as stored; upright it is the other way round.
    """
    return _jpeg(scene(size), 6, quality=quality)


def animation(to: str) -> bytes:
    """Two frames or pages, the first one the chart."""
    return encoded(chart(), to, save_all=True, append_images=[Image.new("RGB", (240, 160))])


def jpeg_with_scans(extra: int) -> bytes:
    """A progressive JPEG of the chart whose last scan comes `extra` times more."""
    data = encoded(chart(), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * extra + data[-2:]


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes whose header asks for gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in chunks)


def wide_gamut_profile() -> bytes:
    """An ICC profile with the primaries of Adobe RGB and a gamma of 2.2."""
    colorants = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {name: b"XYZ \0\0\0\0" + b"".join(map(_fixed, values)) for name, values in colorants.items()}
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma + b"\0\0")
    text = b"SECRET-PROFILE\0"
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags[b"cprt"] = b"text\0\0\0\0" + text
    return _profile(tags)


def grey_profile(gamma: float) -> bytes:
    """An ICC profile for pictures without colours."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + b"".join(map(_fixed, (0.9642, 1.0, 0.8249)))
    return _profile({b"wtpt": white, b"kTRC": curve}, b"GRAY")


def srgb_profile() -> bytes:
    """The profile of most pictures that have one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif_block(orientation: int, thumbnail: bytes = b"") -> bytes:
    """EXIF with a description, a position and, where given, an embedded thumbnail."""
    thumbnail = thumbnail or encoded(chart((16, 16)), "JPEG", comment=b"SECRET-THUMBNAIL")
    description, position = b"SECRET-DESCRIPTION\0", b"ASCII\0\0\0SECRET-GPS"
    ifd0_size, gps_size, ifd1_size = (2 + 12 * count + 4 for count in (3, 2, 3))
    gps_at = 8 + ifd0_size
    ifd1_at = gps_at + gps_size
    description_at = ifd1_at + ifd1_size
    position_at = description_at + len(description)
    thumbnail_at = position_at + len(position)
    main = [
        (0x010E, 2, len(description), description_at),
        (0x0112, 3, 1, orientation),
        (0x8825, 4, 1, gps_at),
    ]
    gps = [(0x0001, 2, 2, ord("N")), (0x001B, 7, len(position), position_at)]
    small = [(0x0103, 3, 1, 6), (0x0201, 4, 1, thumbnail_at), (0x0202, 4, 1, len(thumbnail))]
    ifds = _ifd(main, ifd1_at) + _ifd(gps, 0) + _ifd(small, 0)
    return b"Exif\0\0II*\0\x08\0\0\0" + ifds + description + position + thumbnail


def _ifd(entries: Sequence[tuple[int, int, int, int]], following: int) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _profile(tags: dict[bytes, bytes], space: bytes = b"RGB ") -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    illuminant = _fixed(0.9642) + _fixed(1.0) + _fixed(0.8249)
    head = struct.pack(">I4sI4s4s4s", 128 + len(table + body), b"    ", 0x02100000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + illuminant + bytes(48)
    return head + table + body


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _jpeg(image: Image.Image, orientation: int, quality: int = 92) -> bytes:
    profile = wide_gamut_profile()
    data = encoded(
        image,
        "JPEG",
        quality=quality,
        exif=exif_block(orientation),
        icc_profile=profile,
        comment=b"SECRET-COMMENT",
        xmp=XMP,
    )
    caption = b"\x1c\x02\x78" + struct.pack(">H", 11) + b"SECRET-IPTC"
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption
    segment = b"Photoshop 3.0\0" + resource
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def _png(image: Image.Image, orientation: int) -> bytes:
    info = PngInfo()
    info.add_text("Comment", "SECRET-COMMENT")
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    exif = exif_block(orientation)[6:]
    return encoded(image, "PNG", pnginfo=info, exif=exif, icc_profile=wide_gamut_profile())


def _webp(image: Image.Image, orientation: int) -> bytes:
    exif = exif_block(orientation)
    return encoded(image, "WEBP", quality=90, exif=exif, xmp=XMP, icc_profile=wide_gamut_profile())


def _avif(image: Image.Image, orientation: int) -> bytes:
    exif = exif_block(orientation)[6:]
    return encoded(image, "AVIF", quality=90, exif=exif, xmp=XMP, icc_profile=wide_gamut_profile())


def _heif(image: Image.Image, orientation: int) -> bytes:
    exif = exif_block(orientation)
    return encoded(image, "HEIF", quality=90, exif=exif, xmp=XMP, icc_profile=wide_gamut_profile())


def _gif(image: Image.Image, orientation: int) -> bytes:
    assert orientation == 1, "GIF knows no orientation"
    return encoded(image, "GIF", comment=b"SECRET-COMMENT")


def _tiff(image: Image.Image, orientation: int) -> bytes:
    tags = ImageFileDirectory_v2()
    tags[270], tags[274] = "SECRET-DESCRIPTION", orientation
    tags.tagtype[700], tags[700] = 1, XMP
    tags.tagtype[33723], tags[33723] = 7, b"\x1c\x02\x78\0\x0bSECRET-IPTC"
    return encoded(image, "TIFF", tiffinfo=tags, icc_profile=wide_gamut_profile(), compression="tiff_lzw")


def _bmp(image: Image.Image, orientation: int) -> bytes:
    assert orientation == 1, "BMP knows no orientation"
    return encoded(image, "BMP") + b"SECRET-TRAILER"


_LADEN = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "AVIF": _avif,
    "HEIF": _heif,
    "GIF": _gif,
    "TIFF": _tiff,
    "BMP": _bmp,
}


def saved_again(data: bytes, quality: int) -> bytes:
    """A picture as it is after somebody has saved it once more, as JPEG."""
    return encoded(Image.open(BytesIO(data)), "JPEG", quality=quality)
