"""The whole way of one picture."""

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
    """Everything that is kept of an upload.

    `copy` is for the model that was asked for, made by `recipe`. `source_format` is what decoded the file
    ("HEIF"), whatever its name said.
    """

    original: Rendition
    thumbnail: Rendition
    copy: Rendition
    recipe: Recipe
    source_format: str


def process(source: Path | BinaryIO, limits: Limits, rules: RequestRules) -> Processed:
    """Make all that is kept of an upload, with the copy for the model that `rules` are for.

    Blocks for about half a second at 12 megapixels. Raises ImageError; writes nothing anywhere.
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
    del full  # by far the largest thing here; the copy needs none of it
    return Processed(
        original=original,
        thumbnail=thumbnail,
        copy=encode_copy(drawn, source_format, recipe),
        recipe=recipe,
        source_format=source_format,
    )
