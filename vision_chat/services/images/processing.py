"""Processing of an upload: from the file to original, thumbnail and copy."""

from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from vision_chat.services.images._decoding import decode
from vision_chat.services.images._ground import ground_of
from vision_chat.services.images.copies import draw_copy, encode_copy
from vision_chat.services.images.encoding import (
    Rendition,
    encode_original,
    encode_thumbnail,
    may_be_transparent,
)
from vision_chat.services.images.limits import Limits, check_bytes
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.perceptual_hash import perceptual_hash
from vision_chat.services.images.text_height import text_height
from vision_chat.services.vision.recipes import Recipe, is_too_long_to_read, recipe_for
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class Processed:
    """The images that are stored of an upload.

    `copy` is made by `recipe` for one model. `source_format` is that of the file ("HEIF"), and `source_size`
    its size, upright, which `original` may not have. `ground` is what transparent parts are shown on.
    """

    original: Rendition
    thumbnail: Rendition
    copy: Rendition
    recipe: Recipe
    source_format: str
    source_size: tuple[int, int] = (0, 0)
    ground: str = ""
    text_height: int = 0
    """Pixels of the original that small text is high; 0 where none was found."""
    notes: tuple[ImageNote, ...] = ()
    perceptual_hash: int | None = None


def process(source: Path | BinaryIO, limits: Limits, rules: RequestRules) -> Processed:
    """Decode an upload and encode its original, its thumbnail and the copy for the model with these rules.

    Blocks for about half a second at 12 megapixels. Raises ImageErrors.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _process(file, limits, rules)
    return _process(source, limits, rules)


def _process(file: BinaryIO, limits: Limits, rules: RequestRules) -> Processed:
    check_bytes(file.seek(0, SEEK_END), limits)
    file.seek(0)
    decoded = decode(file, limits)
    full, source_format = decoded.image, decoded.source_format
    ground = ground_of(full)
    recipe = recipe_for(rules, full.width, full.height)
    drawn = draw_copy(full, recipe, ground)
    thumbnail = encode_thumbnail(full, ground, limits)
    original = encode_original(full, source_format)
    height = text_height(full, ground)
    if not may_be_transparent(full.size):
        ground = ""
    if is_too_long_to_read(recipe, full.width, full.height):
        decoded.notes.append(ImageNote.TOO_LONG_TO_READ)
    size, notes = decoded.source_size, tuple(decoded.notes)
    del full, decoded  # 36 MB at 12 megapixels, which the copy does not need
    return Processed(
        original=original,
        thumbnail=thumbnail,
        copy=encode_copy(drawn, source_format, recipe),
        recipe=recipe,
        source_format=source_format,
        source_size=size,
        ground=ground,
        text_height=height,
        notes=notes,
        perceptual_hash=perceptual_hash(thumbnail.data),
    )
