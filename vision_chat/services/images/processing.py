"""The whole way of one picture."""

from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from vision_chat.services.images.decoding import decode
from vision_chat.services.images.encoding import (
    Rendition,
    encode_model,
    encode_original,
    encode_thumbnail,
    reduce_for_model,
)
from vision_chat.services.images.limits import Limits, check_bytes


@dataclass(frozen=True, slots=True)
class Processed:
    """What is kept of an upload. `source_format` is what decoded it ("HEIF"), whatever its name said."""

    original: Rendition
    thumbnail: Rendition
    model: Rendition
    source_format: str


def process(source: Path | BinaryIO, limits: Limits) -> Processed:
    """Blocks for about half a second at 12 megapixels. Raises ImageError; writes nothing anywhere."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _process(file, limits)
    return _process(source, limits)


def _process(file: BinaryIO, limits: Limits) -> Processed:
    check_bytes(file.seek(0, SEEK_END), limits)
    file.seek(0)
    full, source_format = decode(file, limits)
    small = reduce_for_model(full, limits)
    original = encode_original(full, source_format)
    del full  # by far the largest thing here; the small copies need none of it
    return Processed(
        original=original,
        thumbnail=encode_thumbnail(small, limits),
        model=encode_model(small, source_format, limits),
        source_format=source_format,
    )
