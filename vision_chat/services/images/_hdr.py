"""Colours that a file names by numbers (CICP, "nclx") instead of by a profile: one is built for them.

PQ and HLG describe light far brighter than paper. The built profile contains a tone curve which leaves
everything up to half of paper white (203 nits, ITU-R BT.2408) as it is, and compresses what is brighter.
"""

import struct
from collections.abc import Callable
from functools import cache
from math import exp
from typing import BinaryIO, Final, NamedTuple

_PQ, _HLG = 16, 18
_LINEAR = 8
_PAPER_WHITE_NITS: Final = 203
_HLG_PEAK_NITS: Final = 1000
_KNEE: Final = 0.5
_CURVE_POINTS: Final = 1024

# of the primaries' numbers; XYZ of red, green and blue, adapted to D50 as ICC profiles want it
_SRGB: Final = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
_COLORANTS: Final = {
    9: ((0.67349, 0.27904, -0.00193), (0.16566, 0.67535, 0.02997), (0.12505, 0.04561, 0.79685)),  # BT.2020
    12: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),  # P3
}
_D50: Final = (0.9642, 1.0, 0.8249)
_HEADER_BYTES: Final = 1 << 18  # containers describe an image before its data


class Colours(NamedTuple):
    """Numbers of ITU-T H.273 for the primaries and the transfer function."""

    primaries: int
    transfer: int


def colours_of_container(file: BinaryIO) -> Colours | None:
    """Return what a HEIF or AVIF file says in its first "nclx" box; None where it has none."""
    file.seek(0)
    _, name, following = file.read(_HEADER_BYTES).partition(b"colrnclx")
    file.seek(0)
    return Colours(*struct.unpack(">HH", following[:4])) if name and len(following) >= 4 else None


@cache
def profile_for(colours: Colours) -> bytes:
    """Return an ICC profile for these colours; b"" for those of sRGB, and for unknown ones."""
    curve = _CURVES.get(colours.transfer, _srgb)
    if curve is _srgb and colours.primaries not in _COLORANTS:
        return b""
    red, green, blue = _COLORANTS.get(colours.primaries, _SRGB)
    points = (round(65535 * curve(index / (_CURVE_POINTS - 1))) for index in range(_CURVE_POINTS))
    curve_tag = struct.pack(f">4s4xI{_CURVE_POINTS}H", b"curv", _CURVE_POINTS, *points)
    tags = {b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue), b"wtpt": _xyz(_D50)}
    return _profile(tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve_tag))


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _linear(value: float) -> float:
    return value


def _pq(value: float) -> float:
    """The light of a PQ value (SMPTE ST 2084), toned."""
    power = value ** (1 / 78.84375)
    nits = 10_000 * (max(0.0, power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    return _toned(nits / _PAPER_WHITE_NITS)


def _hlg(value: float) -> float:
    """The light of an HLG value (ITU-R BT.2100) on a display of 1000 nits, toned."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = value * value / 3 if value <= 0.5 else (exp((value - c) / a) + b) / 12
    return _toned(_HLG_PEAK_NITS * scene**1.2 / _PAPER_WHITE_NITS)


def _toned(light: float) -> float:
    """Compress light above the knee, where 1 is paper white, into what is left below 1."""
    return light if light <= _KNEE else 1 - (1 - _KNEE) * exp((_KNEE - light) / (1 - _KNEE))


_CURVES: Final[dict[int, Callable[[float], float]]] = {_PQ: _pq, _HLG: _hlg, _LINEAR: _linear}


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    """Put tags into an ICC profile of version 2 for a display."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", 128 + len(table + body), bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    return head + bytes(12) + b"acsp" + bytes(28) + _xyz(_D50)[8:] + bytes(48) + table + body
