"""Colours of 16 bits a channel of which the file uses 8, 10, 12 or 14.

Pillow keeps the upper byte of each value, so that such an image would be nearly black. The lower bytes come
from a second decode which takes them for the upper ones.
"""

import sys
from typing import Any, BinaryIO, Final

from PIL import Image, ImageChops

_NATIVE: Final = "L" if sys.byteorder == "little" else "B"
_OTHER_ORDER: Final = {"B": "L", "L": "B"}
_USUAL_BITS: Final = (0, 2, 4, 6)
"""Of the upper byte."""
_STRIP_PIXELS: Final = 1 << 20


def is_deep_colour(image: Image.Image) -> bool:
    """Tell whether an image that is not loaded yet has colours of 16 bits."""
    return image.mode in ("RGB", "RGBA") and any(";16" in _raw_mode(args) for *_, args in _tiles(image))


def stretch(image: Image.Image, file: BinaryIO) -> None:
    """Give a loaded image the full range, in place, where its values use a usual part of 16 bits."""
    colours = image.getextrema()[:3]
    highest = max(high for _, high in colours)  # type: ignore[misc]  # an image of several bands
    bits = next((bits for bits in _USUAL_BITS if highest < 1 << bits), None)
    if bits is None:
        return
    lower = _lower_bytes(image, file)
    bands = "".join(band for band in image.mode if band != "A")
    # alpha uses all 16 bits: it stays as it is
    shift_up = [min(255, value << (8 - bits)) for value in range(256)]
    shift_down = [value >> bits for value in range(256)]
    up = shift_up * len(bands) + list(range(256)) * (len(image.mode) - len(bands))
    down = shift_down * len(bands) + [0] * 256 * (len(image.mode) - len(bands))
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(image.height, top + rows))
        image.paste(ImageChops.add(image.crop(box).point(up), lower.crop(box).point(down)), box)


def _lower_bytes(image: Image.Image, file: BinaryIO) -> Image.Image:
    file.seek(0)
    other = Image.open(file, formats=(str(image.format),))
    if image.format == "TIFF":
        other.seek(image.tell())
    other.tile = [tile._replace(args=_in_other_order(tile.args)) for tile in _tiles(other)]
    other.load()
    return other


def _tiles(image: Image.Image) -> list[Any]:
    tiles: list[Any] = getattr(image, "tile", [])
    return tiles


def _raw_mode(args: Any) -> str:
    return str(args[0]) if isinstance(args, tuple) else str(args)


def _in_other_order(args: Any) -> Any:
    mode = _raw_mode(args)
    order = _OTHER_ORDER[mode[-1].replace("N", _NATIVE)]
    return (mode[:-1] + order, *args[1:]) if isinstance(args, tuple) else mode[:-1] + order
