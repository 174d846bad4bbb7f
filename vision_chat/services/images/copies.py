"""The copy of an image for one model, made as its recipe says."""

from typing import BinaryIO, Final

from PIL import Image

from vision_chat.services.images._decoding import decode
from vision_chat.services.images._ground import colour_of, ground_of, on_ground
from vision_chat.services.images.encoding import Rendition, encode, encode_within, resized
from vision_chat.services.images.limits import Limits
from vision_chat.services.vision.recipes import WHOLE, Recipe

_CAMERA_SOURCES: Final = frozenset({"JPEG", "HEIF"})
# stored originals passed the limits of their upload, which a site may have lowered since
STORED: Final = Limits(max_megapixels=1_000, max_memory=20_000_000_000)


def make_copy(original: BinaryIO, recipe: Recipe, source_format: str) -> Rendition:
    """Make the copy from a stored original. `source_format` is the format of the upload ("HEIF").

    Blocks. Raises ImageErrors where the file cannot be read.
    """
    needed = recipe.place.width / recipe.part.width, recipe.place.height / recipe.part.height
    image = decode(original, STORED, at_least=(round(needed[0]), round(needed[1]))).image
    return encode_copy(draw_copy(image, recipe, ground_of(image)), source_format, recipe)


def draw_copy(image: Image.Image, recipe: Recipe, ground: str) -> Image.Image:
    """Return the pixels of the copy: RGB, the ground where the image is transparent and around it."""
    left, top, right, bottom = (round(side) for side in recipe.place)
    content = on_ground(resized(image, (right - left, bottom - top), _part(image, recipe)), ground)
    if not recipe.is_padded:
        return content
    canvas = Image.new("RGB", (recipe.width, recipe.height), colour_of(ground))
    canvas.paste(content, (left, top))
    return canvas


def encode_copy(drawn: Image.Image, source_format: str, recipe: Recipe) -> Rendition:
    """Encode as JPEG, or as PNG where that is about as small: drawings and text are, and keep their edges."""
    jpeg = encode_within(recipe.max_bytes, drawn, "JPEG", recipe.jpeg_qualities)
    small = drawn.width * drawn.height <= recipe.png_pixels
    if source_format in _CAMERA_SOURCES and not small:
        return jpeg
    png = encode(drawn, "PNG")
    affordable = small or len(png.data) <= recipe.png_ratio * len(jpeg.data)
    return png if affordable and len(png.data) <= recipe.max_bytes else jpeg


def _part(image: Image.Image, recipe: Recipe) -> tuple[float, float, float, float] | None:
    """The part of the original in pixels; None for the whole."""
    if recipe.part == WHOLE:
        return None
    left, top, right, bottom = recipe.part
    return left * image.width, top * image.height, right * image.width, bottom * image.height
