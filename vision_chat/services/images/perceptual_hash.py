"""The perceptual hash of an image: 64 bits of its coarse shapes, of which few change when it is saved again.

It is the hash that is known as pHash: the lowest frequencies of the discrete cosine transform of the image,
each compared with their median. Size, format, quality and small marks change few bits; other scenes differ
in about half of them.
"""

import math
from collections.abc import Sequence
from io import BytesIO
from operator import mul
from statistics import median
from typing import Final

from PIL import Image

FEATURELESS: Final = 0
"""The hash of what has no shapes, such as one colour alone. It says nothing of likeness."""
NEAR: Final = 6
"""The most bits that differ between images that look alike."""

_SIDE: Final = 32
_FREQUENCIES: Final = 8
_LEAST: Final = 2.0
"""Grey levels; where no frequency reaches them, what is left is the noise of the encoder."""
_COSINES: Final = [
    [math.cos((2 * place + 1) * frequency * math.pi / (2 * _SIDE)) for place in range(_SIDE)]
    for frequency in range(_FREQUENCIES)
]


def perceptual_hash(encoded: bytes) -> int:
    """Return the hash of an encoded image, such as its thumbnail, as a signed number of 64 bits.

    Takes some milliseconds. Raises OSError where the image cannot be decoded.
    """
    with Image.open(BytesIO(encoded)) as image:
        small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    rows = [list(small.tobytes()[start : start + _SIDE]) for start in range(0, _SIDE * _SIDE, _SIDE)]
    by_row = [_transformed(row) for row in rows]
    columns = [_transformed(column) for column in zip(*by_row, strict=True)]
    frequencies = [value / _SIDE for column in columns for value in column][1:]  # without the mean
    if max(map(abs, frequencies)) < _LEAST:
        return FEATURELESS
    middle = median(frequencies)
    bits = sum(1 << place for place, value in enumerate(frequencies) if value > middle)
    return bits - (bits >> 63 << 64)


def difference(one: int, other: int) -> int:
    """Return the number of bits in which two hashes differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def look_alike(one: int, other: int) -> bool:
    """Tell whether images with these hashes look alike."""
    return FEATURELESS not in (one, other) and difference(one, other) <= NEAR


def _transformed(values: Sequence[float]) -> list[float]:
    """Return the lowest frequencies of a row."""
    return [sum(map(mul, cosines, values)) for cosines in _COSINES]
