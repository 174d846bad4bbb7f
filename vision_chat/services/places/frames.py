"""Frames: what the numbers of a place are parts of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vision_chat.services.places.copies import SentCopy
from vision_chat.services.places.place import Place
from vision_chat.services.vision.family import Frame
from vision_chat.services.vision.recipes import Box

SIDES: Final[Mapping[Frame, float]] = {
    "thousandths": 1000,
    "0-999": 999,
    "0-1024": 1024,
    "percent": 100,
    "fraction": 1,
}
"""How long a side is in each frame that is relative to it."""
CHOICES: Final[Sequence[Frame]] = ("pixels", "thousandths", "percent", "fraction")
"""Frames that a person may choose where nobody knows."""
MARGIN: Final = 0.1
"""How far outside a copy numbers may lie, as a fraction of its side: beyond, they mean something else."""
CELLS: Final = 32


def fractions_of(
    place: Place, frame: Frame, copy: SentCopy, seen: tuple[int, int] | None = None
) -> Box | None:
    """Return a place in fractions of the copy, which a point leaves without extent.

    `seen` is the size in pixels at which the model saw the copy, its own where that is None. Returns None
    where the place is outside the copy, or the size is not known.
    """
    if frame == "grid32":
        return _cells(place)
    if frame == "pixels":
        width, height = seen or (copy.width, copy.height)
    elif frame == "unknown":
        return None
    else:
        width = height = SIDES[frame]  # type: ignore[assignment]  # a length in the frame, not in pixels
    if not width or not height:
        return None
    return _within(
        Box(place.left / width, place.top / height, place.right / width, place.bottom / height), place
    )


def frame_called(name: str) -> Frame:
    """Return the frame of this name among those that a person may choose, else `unknown`."""
    return next((frame for frame in CHOICES if frame == name), "unknown")


def possible_frames(places: Iterable[Place]) -> list[Frame]:
    """Return the frames that the numbers of all places may be in."""
    largest = max((place.largest for place in places), default=0.0)
    limits: dict[Frame, float] = {"pixels": float("inf"), **SIDES}
    if largest <= 1:
        return ["fraction"]
    return [frame for frame in CHOICES if largest <= limits[frame] * (1 + MARGIN) and frame != "fraction"]


def _cells(place: Place) -> Box | None:
    """Return the box between two cells: from their middles, or whole cells in one row or column."""
    half_x = 0.0 if place.left == place.right else 0.5
    half_y = 0.0 if place.top == place.bottom else 0.5
    left, right = place.left + half_x, place.right + 1 - half_x
    top, bottom = place.top + half_y, place.bottom + 1 - half_y
    return Box(left / CELLS, top / CELLS, right / CELLS, bottom / CELLS)


def _within(box: Box, place: Place) -> Box | None:
    if min(box) < -MARGIN or max(box) > 1 + MARGIN:
        return None
    clamped = Box(*(min(1.0, max(0.0, side)) for side in box))
    has_area = clamped.width > 0 and clamped.height > 0
    return clamped if place.is_point or has_area else None
