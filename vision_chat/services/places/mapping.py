"""The way back: from a place in a copy to the place in the original of the right picture."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vision_chat.services.places.copies import SentCopy, Shown, copies_of
from vision_chat.services.places.frames import fractions_of
from vision_chat.services.places.place import Place
from vision_chat.services.vision.family import Family, Frame
from vision_chat.services.vision.recipes import Box
from vision_chat.services.vision.rules.base import PixelRule

_COPY_IN_LABEL: Final = re.compile(
    r"(?:(?:picture|image)\s?#?(?P<picture>\d{1,2})|(?:part|tile)\s?#?(?P<part>\d{1,2}))\b", re.IGNORECASE
)
"""The beginning of a label that says in which copy the place is."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place in fractions of an upright original; a point has no width and height."""

    image_id: str
    x: float
    y: float
    width: float
    height: float


def drawn(place: Place, frame: Frame, copy: SentCopy, seen: tuple[int, int] | None = None) -> Drawn | None:
    """Return a place of a copy in its original; None where it is outside of all that the copy shows.

    A canvas shows several: the one that the middle of the place is in, or the nearest. What of it lies on
    padding or on another picture is cut off. `seen` is the size at which the model saw the copy, in pixels.
    """
    fractions = fractions_of(place, place.frame or frame, copy, seen)
    if fractions is None:
        return None
    width, height = copy.width or 1, copy.height or 1
    box = Box(
        fractions.left * width, fractions.top * height, fractions.right * width, fractions.bottom * height
    )
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    # of two that have it the later, which is drawn above
    shown = min(reversed(copy.shows), key=lambda shown: _distance(shown.place, *middle))
    left, top = _original(shown, box.left, box.top)
    right, bottom = _original(shown, box.right, box.bottom)
    if not place.is_point and (left == right or top == bottom):
        return None
    return Drawn(shown.image_id, left, top, right - left, bottom - top)


def _distance(box: Box, x: float, y: float) -> float:
    """Return the distance of a point from a box, squared; 0 within it."""
    return max(box.left - x, 0, x - box.right) ** 2 + max(box.top - y, 0, y - box.bottom) ** 2


def _original(shown: Shown, x: float, y: float) -> tuple[float, float]:
    place, part = shown.place, shown.part
    along = min(1.0, max(0.0, (x - place.left) / place.width))
    down = min(1.0, max(0.0, (y - place.top) / place.height))
    return part.left + along * part.width, part.top + down * part.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The copies that a model saw of a request, and how it names places in them.

    `rule` is how the model resizes a copy, for places in pixels. `chosen` is the number of the copy, from 1,
    that a person has chosen where the places do not say theirs.
    """

    copies: Sequence[SentCopy]
    frame: Frame = "unknown"
    rule: PixelRule | None = None
    chosen: int | None = None

    def draw(self, place: Place) -> Drawn | None:
        """Return the place in its original; None where copy or frame are not known, or it is outside."""
        copy = self.copy_of(place)
        return None if copy is None else drawn(place, self.frame, copy, self._seen(copy))

    def copy_of(self, place: Place) -> SentCopy | None:
        """Return the copy that a place is in: the only one, the one that it names, or the usual one."""
        if len(self.copies) == 1:
            return self.copies[0]
        return self.named_copy(place) or self.usual_copy

    def named_copy(self, place: Place) -> SentCopy | None:
        """Return the copy that a place names by a number of its own or in its label; None without one."""
        if place.image is not None:
            return _numbered(self.copies, place.image)
        if (named := _COPY_IN_LABEL.match(place.label)) is None:
            return None
        if named["part"]:
            return _numbered([copy for copy in self.copies if copy.is_part], int(named["part"]))
        return _numbered(self.copies, int(named["picture"]))

    @property
    def usual_copy(self) -> SentCopy | None:
        """Return the copy of places that name none: the chosen one, else that which shows most.

        None where nobody has chosen and there are several originals.
        """
        if self.chosen is not None and (chosen := _numbered(self.copies, self.chosen)):
            return chosen
        return max(self.copies, key=lambda copy: copy.share) if self.has_one_original else None

    @property
    def has_one_original(self) -> bool:
        """True where all copies show the same original, as an overview and its parts do."""
        return len({image_id for copy in self.copies for image_id in copy.image_ids}) == 1

    def _seen(self, copy: SentCopy) -> tuple[int, int] | None:
        if self.rule is None or not (copy.width and copy.height):
            return None
        seen = self.rule.seen(copy.width, copy.height)
        return seen.width, seen.height


def _numbered(copies: Sequence[SentCopy], number: int) -> SentCopy | None:
    return copies[number - 1] if 0 < number <= len(copies) else None


def sight_of(
    record: Iterable[Any], family: Family, frame: Frame = "unknown", chosen: int | None = None
) -> Sight:
    """Return what a model of this family saw of a request, by its record.

    `frame` is that which a person has chosen, for a family of which it is not known.
    """
    return sight_in(copies_of(record), family, frame, chosen)


def sight_in(
    copies: Sequence[SentCopy], family: Family, frame: Frame = "unknown", chosen: int | None = None
) -> Sight:
    """Return the same, by the copies of the request."""
    in_pixels = family.places.frame == "pixels"
    return Sight(
        copies=copies,
        frame=frame if family.places.frame == "unknown" else family.places.frame,
        rule=(family.copy_rule or family.pixel_rule) if in_pixels else None,
        chosen=chosen,
    )
