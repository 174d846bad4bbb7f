"""Test PDFs, made when they are needed."""

import zlib
from collections.abc import Sequence
from hashlib import md5
from io import BytesIO

from PIL import Image

A4 = (595, 842)
PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def pdf(
    texts: Sequence[str],
    size: tuple[float, float] = A4,
    *,
    pictures: Sequence[Image.Image | None] = (),
    colours: Sequence[str] = (),
) -> bytes:
    """A PDF with a page for each text, which may have lines; a picture fills its page below the text.

    A colour ("1 0 0", red) fills its page.
    """
    return _file(_objects(texts, size, pictures, colours))


def _objects(
    texts: Sequence[str],
    size: tuple[float, float],
    pictures: Sequence[Image.Image | None] = (),
    colours: Sequence[str] = (),
) -> dict[int, bytes]:
    objects: dict[int, bytes] = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    objects[3] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    kids = []
    for number, text in enumerate(texts):
        page = 4 + 3 * number
        picture = pictures[number] if number < len(pictures) else None
        colour = colours[number] if number < len(colours) else ""
        kids.append(f"{page} 0 R")
        named = f"/XObject << /P {page + 2} 0 R >>" if picture else ""
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {page + 1} 0 R "
            f"/Resources << /Font << /F 3 0 R >> {named} >> >>"
        ).encode()
        objects[page + 1] = _stream(_drawing(text, size, has_picture=picture is not None, colour=colour))
        if picture:
            objects[page + 2] = _picture(picture)
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return objects


def numbered(count: int) -> bytes:
    """A PDF whose pages say which they are."""
    return pdf([f"This is page {number}.\nIts second line." for number in range(1, count + 1)])


def with_broken_page(count: int, broken: int) -> bytes:
    """A PDF of so many pages, one of which leads nowhere."""
    data = numbered(count)
    return data.replace(b" %d 0 R" % (4 + 3 * (broken - 1)), b" 0 0 R", 1)


def with_password(password: str) -> bytes:
    """A PDF of one page that needs a password, in the oldest form that there is."""
    user, identity, permissions = (password.encode() + PADDING)[:32], b"\0" * 16, -4
    owner = _rc4(md5(PADDING).digest()[:5], user)
    key = md5(user + owner + permissions.to_bytes(4, "little", signed=True) + identity).digest()[:5]
    protection = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P {permissions} /O <{owner.hex()}> "
        f"/U <{_rc4(key, PADDING).hex()}> >> /ID [<{identity.hex()}> <{identity.hex()}>]"
    )
    objects = _objects(["Behind a password"], A4)
    content = 5
    of_object = md5(key + content.to_bytes(3, "little") + b"\0\0").digest()[:10]
    head, _, rest = objects[content].partition(b"\nstream\n")
    data = rest.removesuffix(b"\nendstream")
    objects[content] = head + b"\nstream\n" + _rc4(of_object, data) + b"\nendstream"
    return _file(objects, protection)


def locked(data: bytes) -> bytes:
    """The same with a mark of encryption of a kind that nobody has, so that it cannot be opened."""
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Other /V 1 >> /ID [<00> <00>]")


def _drawing(text: str, size: tuple[float, float], *, has_picture: bool, colour: str) -> bytes:
    parts = []
    if colour:
        parts.append(f"{colour} rg 0 0 {size[0]} {size[1]} re f 0 0 0 rg")
    if has_picture:
        parts.append(f"q {size[0]} 0 0 {size[1]} 0 0 cm /P Do Q")
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in text.splitlines()]
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    parts.append(f"BT /F 14 Tf 18 TL 40 {size[1] - 60} Td {shown} ET")
    return "\n".join(parts).encode("latin-1")


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def _picture(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=85)
    head = (
        f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} "
        f"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {buffer.tell()} >>"
    )
    return head.encode() + b"\nstream\n" + buffer.getvalue() + b"\nendstream"


def _rc4(key: bytes, data: bytes) -> bytes:
    box, at = list(range(256)), 0
    for index in range(256):
        at = (at + box[index] + key[index % len(key)]) % 256
        box[index], box[at] = box[at], box[index]
    out, at = bytearray(), 0
    for position, byte in enumerate(data, 1):
        index = position % 256
        at = (at + box[index]) % 256
        box[index], box[at] = box[at], box[index]
        out.append(byte ^ box[(box[index] + box[at]) % 256])
    return bytes(out)


def _file(objects: dict[int, bytes], more: str = "") -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.4\n")
    places = {}
    for number in sorted(objects):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, objects[number]))
    start, last = out.tell(), max(objects)
    rows = [
        f"{places[number]:010} 00000 n \n" if number in places else "0000000000 00000 f \n"
        for number in range(1, last + 1)
    ]
    out.write(f"xref\n0 {last + 1}\n0000000000 65535 f \n{''.join(rows)}".encode())
    out.write(f"trailer\n<< /Size {last + 1} /Root 1 0 R {more} >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()
