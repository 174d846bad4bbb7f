"""A place as an answer names it."""

from dataclasses import dataclass
from typing import Final

from vision_chat.services.vision.family import Frame

MAX_PLACES: Final = 300
"""Places that are read from one answer."""
MAX_LABEL: Final = 120
"""Length of a label, in characters."""
MAX_NUMBER: Final = 1e6
"""The largest coordinate that is taken for one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A box by its left, top, right and bottom, or a point, which has both corners in one place.

    The numbers are in the frame of the model's family, unless the format has a frame of its own. `image` is
    the number of a picture in the request, from 1, where the format names one.
    """

    left: float
    top: float
    right: float
    bottom: float
    label: str = ""
    frame: Frame | None = None
    image: int | None = None

    @property
    def is_point(self) -> bool:
        """True where it has no extent."""
        return (self.left, self.top) == (self.right, self.bottom)

    @property
    def largest(self) -> float:
        """Return the largest of its numbers."""
        return max(self.right, self.bottom)


def box(numbers: tuple[float, ...], *, y_first: bool, label: str = "") -> Place | None:
    """Return the box of four numbers, its corners in order; None where it has no area or is beyond reason."""
    first, second, third, fourth = numbers
    xs, ys = (first, third), (second, fourth)
    if y_first:
        xs, ys = ys, xs
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    is_sound = all(abs(number) <= MAX_NUMBER for number in numbers)  # false for NaN too
    return Place(left, top, right, bottom, label) if is_sound and left < right and top < bottom else None


def point(x: float, y: float, label: str = "") -> Place | None:
    """Return a point; None where a number is beyond reason."""
    is_sound = abs(x) <= MAX_NUMBER and abs(y) <= MAX_NUMBER
    return Place(x, y, x, y, label) if is_sound else None
