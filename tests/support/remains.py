"""Remains of a picture: in the folder of images, in the database's files, in memory, in what was sent."""

import base64
import gc
import hashlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from PIL import Image, ImageChops

from tests.support.fake_endpoint import Call

SECRET_COLOUR = (255, 0, 255)
"""Of what is covered: no other part of the test's picture is of this kind."""
_MIN_BYTES = 200


def stored_files() -> list[bytes]:
    """Return all files of the folder of images."""
    return [path.read_bytes() for path in settings.VISION_CHAT.media_dir.rglob("*") if path.is_file()]


def database_files() -> list[bytes]:
    """Return what SQLite has on the disk, the journal too."""
    name = str(connection.settings_dict["NAME"])
    return [path.read_bytes() for end in ("", "-wal", "-journal") if (path := Path(name + end)).exists()]


def sent_files(calls: Iterable[Call]) -> list[bytes]:
    """Return all images that the endpoint was sent."""
    return [base64.b64decode(url.partition(",")[2]) for call in calls for url in _urls(call.body)]


def _urls(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _urls(value)
    elif isinstance(part, list):
        for value in part:
            yield from _urls(value)
    elif isinstance(part, str) and part.startswith("data:image/"):
        yield part


def shows_secret(data: bytes) -> bool:
    """Tell whether an image has pixels of the secret colour, also as lossy formats keep it."""
    red, green, blue = Image.open(BytesIO(data)).convert("RGB").split()
    both = ImageChops.darker(red, blue)
    extrema = ImageChops.subtract(both, green).getextrema()
    return extrema[1] > 100  # type: ignore[operator]  # one band


def digest(data: bytes) -> tuple[int, str]:
    """Return what tells these bytes from others without holding them."""
    return len(data), hashlib.sha256(data).hexdigest()


def is_in_memory(wanted: set[tuple[int, str]]) -> bool:
    """Tell whether this process, with the server in it, holds such bytes, or their base64."""
    gc.unfreeze()  # a module may hold it, which tests/support/garbage.py spares the collector
    gc.collect()
    lengths = {length for length, _ in wanted}
    return any(
        digest(data) in wanted for data in _held(lengths | {len(base64.b64encode(bytes(n))) for n in lengths})
    )


def _held(lengths: set[int]) -> Iterator[bytes]:
    for container in gc.get_objects():
        for held in gc.get_referents(container):
            if isinstance(held, bytes | bytearray) and len(held) > _MIN_BYTES and len(held) in lengths:
                yield bytes(held)
            elif isinstance(held, str) and len(held) > _MIN_BYTES:
                text = held.partition("base64,")[2] or held
                if len(text) in lengths and text.isascii():
                    yield base64.b64decode(text)
