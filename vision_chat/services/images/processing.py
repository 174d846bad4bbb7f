"""Processing of an upload: from the file to original, thumbnail and copy."""

from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from vision_chat.services.images._decoding import decode
from vision_chat.services.images.copies import draw_copy, encode_copy
from vision_chat.services.images.encoding import Rendition, encode_original, encode_thumbnail
from vision_chat.services.images.limits import Limits, check_bytes
from vision_chat.services.vision.recipes import Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class Processed:
    """The images that are stored of an upload.

    `copy` is made by `recipe` for one model. `source_format` is that of the file ("HEIF").
    """

    original: Rendition
    thumbnail: Rendition
    copy: Rendition
    recipe: Recipe
    source_format: str


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
    full, source_format = decode(file, limits)
    recipe = recipe_for(rules, full.width, full.height)
    drawn = draw_copy(full, recipe)
    thumbnail = encode_thumbnail(full, limits)
    original = encode_original(full, source_format)
    del full  # 36 MB at 12 megapixels, which the copy does not need
    return Processed(
        original=original,
        thumbnail=thumbnail,
        copy=encode_copy(drawn, source_format, recipe),
        recipe=recipe,
        source_format=source_format,
    )
