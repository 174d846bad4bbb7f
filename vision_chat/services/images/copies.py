"""The copy of an image for one model, made as its recipe says."""

from collections.abc import Sequence
from typing import BinaryIO, Final

from PIL import Image

from vision_chat.services.images._decoding import decode
from vision_chat.services.images._ground import colour_of, ground_of, on_ground
from vision_chat.services.images._labels import draw_labels
from vision_chat.services.images.encoding import Rendition, encode, encode_within, resized
from vision_chat.services.images.limits import Limits
from vision_chat.services.vision.recipes import WHOLE, Placement, Recipe

_CAMERA_SOURCES: Final = frozenset({"JPEG", "HEIF"})
# stored originals passed the limits of their upload, which a site may have lowered since
STORED: Final = Limits(max_megapixels=1_000, max_memory=20_000_000_000)


def make_copy(originals: Sequence[BinaryIO], recipe: Recipe, source_format: str) -> Rendition:
    """Make the copy from its stored originals. `source_format` is the format of the first upload ("HEIF").

    Blocks. One original after the other is in memory. Raises ImageErrors where a file cannot be read.
    """
    drawn: Image.Image | None = None
    for source, original in enumerate(originals):
        image = decode(original, STORED, at_least=_needed(recipe.of_source(source))).image
        ground = ground_of(image)
        if len(originals) == 1:
            drawn = draw_copy(image, recipe, ground)
            break
        drawn = drawn or _empty(recipe, "")
        _paste(drawn, image, recipe.of_source(source), ground)
    if drawn is None:
        raise ValueError("a copy has an original")
    draw_labels(drawn, recipe.labels)
    return encode_copy(drawn, source_format, recipe)


def draw_copy(image: Image.Image, recipe: Recipe, ground: str) -> Image.Image:
    """Return the pixels of the copy of one image: RGB, the ground where it is transparent and around it."""
    if not recipe.is_padded and len(recipe.placements) == 1:
        return _content(image, recipe.placements[0], ground)
    canvas = _empty(recipe, ground)
    _paste(canvas, image, recipe.placements, ground)
    return canvas


def _empty(recipe: Recipe, ground: str) -> Image.Image:
    return Image.new("RGB", (recipe.width, recipe.height), colour_of(ground))


def _paste(canvas: Image.Image, image: Image.Image, placements: Sequence[Placement], ground: str) -> None:
    for placement in placements:
        left, top = round(placement.place.left), round(placement.place.top)
        canvas.paste(_content(image, placement, ground), (left, top))


def _content(image: Image.Image, placement: Placement, ground: str) -> Image.Image:
    left, top, right, bottom = (round(side) for side in placement.place)
    return on_ground(resized(image, (right - left, bottom - top), _part(image, placement)), ground)


def _needed(placements: Sequence[Placement]) -> tuple[int, int]:
    """Return the smallest size of an original from which all placements can be drawn, in pixels."""
    return (
        max(round(each.place.width / each.part.width) for each in placements),
        max(round(each.place.height / each.part.height) for each in placements),
    )


def encode_copy(drawn: Image.Image, source_format: str, recipe: Recipe) -> Rendition:
    """Encode as JPEG, or as PNG where that is about as small: drawings and text are, and keep their edges."""
    jpeg = encode_within(recipe.max_bytes, drawn, "JPEG", recipe.jpeg_qualities)
    small = drawn.width * drawn.height <= recipe.png_pixels
    if source_format in _CAMERA_SOURCES and not small:
        return jpeg
    png = encode(drawn, "PNG")
    affordable = small or len(png.data) <= recipe.png_ratio * len(jpeg.data)
    return png if affordable and len(png.data) <= recipe.max_bytes else jpeg


def _part(image: Image.Image, placement: Placement) -> tuple[float, float, float, float] | None:
    """The part of the original in pixels; None for the whole."""
    if placement.part == WHOLE:
        return None
    left, top, right, bottom = placement.part
    return left * image.width, top * image.height, right * image.width, bottom * image.height
