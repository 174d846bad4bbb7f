"""Processing of an upload, or of an edit of one: from the file to original, thumbnail and copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from vision_chat.services.images._decoding import Decoded, decode
from vision_chat.services.images._ground import ground_of
from vision_chat.services.images.calm_rows import calm_rows
from vision_chat.services.images.copies import STORED, draw_copy, encode_copy
from vision_chat.services.images.edits import Edit, Mark, apply_edit, check_edit, marks_in_crop
from vision_chat.services.images.encoding import (
    Rendition,
    encode_original,
    encode_thumbnail,
    may_be_transparent,
)
from vision_chat.services.images.limits import Limits, check_bytes
from vision_chat.services.images.marks import check_texts, draw_marks
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.perceptual_hash import perceptual_hash
from vision_chat.services.images.removed import RemovedData
from vision_chat.services.images.text_height import text_height
from vision_chat.services.vision.recipes import Recipe, is_too_long_to_read, recipe_for
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class Processed:
    """The images that are stored of an upload.

    `copy` is made by `recipe` for one model. `source_format` is that of the file ("HEIF"), and `source_size`
    its size, upright, which `original` may not have. `ground` is what transparent parts are shown on.
    `marked` is the original with `marks`, where a person has made any: thumbnail and copies are made of it.
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
    calm_rows: Sequence[int] = ()
    """Rows at which a long strip can be cut; columns where it is wider than high."""
    notes: tuple[ImageNote, ...] = ()
    removed: tuple[RemovedData, ...] = ()
    marked: Rendition | None = None
    marks: Sequence[Mark] = ()
    perceptual_hash: int | None = None


def process(source: Path | BinaryIO, limits: Limits, rules: RequestRules) -> Processed:
    """Decode an upload and encode its original, its thumbnail and the copy for the model with these rules.

    Blocks for about half a second at 12 megapixels. Raises ImageErrors.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _process(file, limits, rules)
    return _process(source, limits, rules)


def process_edit(
    original: BinaryIO, edit: Edit, source_format: str, limits: Limits, rules: RequestRules
) -> Processed:
    """Edit a stored original at its full size, and encode what comes of it as an upload is.

    Blocks as `process` does. Raises ImageErrors, also where the edit does not fit.
    """
    check_texts(edit.marks)
    return _encoded(_edited(original, edit, source_format), limits, rules, marks_in_crop(edit))


def _edited(original: BinaryIO, edit: Edit, source_format: str) -> Decoded:
    image = decode(original, STORED).image
    check_edit(edit, *image.size)
    image = apply_edit(image, edit)
    return Decoded(image, source_format, image.size)


def _process(file: BinaryIO, limits: Limits, rules: RequestRules) -> Processed:
    check_bytes(file.seek(0, SEEK_END), limits)
    file.seek(0)
    return _encoded(decode(file, limits), limits, rules)


def _encoded(decoded: Decoded, limits: Limits, rules: RequestRules, marks: Sequence[Mark] = ()) -> Processed:
    full, source_format = decoded.image, decoded.source_format
    ground = ground_of(full)
    recipe = recipe_for(rules, full.width, full.height)
    original = encode_original(full, source_format)
    marked = None
    if marks:
        full = draw_marks(full, marks)
        marked = encode_original(full, source_format)
    drawn = draw_copy(full, recipe, ground)
    thumbnail = encode_thumbnail(full, ground, limits)
    height, calm = text_height(full, ground), calm_rows(full, ground)
    if not may_be_transparent(full.size):
        ground = ""
    if is_too_long_to_read(recipe, full.width, full.height):
        decoded.notes.append(ImageNote.TOO_LONG_TO_READ)
    size, notes, removed = decoded.source_size, tuple(decoded.notes), tuple(sorted(decoded.removed))
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
        calm_rows=calm,
        notes=notes,
        removed=removed,
        marked=marked,
        marks=marks,
        perceptual_hash=perceptual_hash(thumbnail.data),
    )
