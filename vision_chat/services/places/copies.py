"""The copies that a request held, by its record, with the originals that each of them shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vision_chat.services.vision.recipes import WHOLE, Box


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of an original (fractions of its sides) that fills a place of a copy (pixels)."""

    image_id: str
    part: Box
    place: Box


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A copy as it was sent; 0 by 0 where its size is not recorded."""

    width: int
    height: int
    shows: Sequence[Shown]

    @property
    def image_ids(self) -> list[str]:
        """Return the ids of the originals that it shows, each once."""
        return list(dict.fromkeys(shown.image_id for shown in self.shows))

    @property
    def is_part(self) -> bool:
        """True where it shows no original whole, as a region or a tile does."""
        return all(shown.part != WHOLE for shown in self.shows)

    @property
    def share(self) -> float:
        """Return how much it shows of an original, of that of which it shows most."""
        return max((shown.part.width * shown.part.height for shown in self.shows), default=0.0)


def copies_of(record: Iterable[Any]) -> list[SentCopy]:
    """Return the copies of a request by `Completion.request`, in the order in which the model got them."""
    entries = [entry for entry in record if isinstance(entry, Mapping)]
    return [
        _copy(image) for entry in entries for image in entry.get("images", ()) if isinstance(image, Mapping)
    ]


def _copy(image: Mapping[str, Any]) -> SentCopy:
    width, height = int(image.get("width", 0)), int(image.get("height", 0))
    whole = {
        "image_id": str(image.get("image_id", "")),
        "part": WHOLE,
        "place": (0, 0, width or 1, height or 1),
    }
    shows = [
        Shown(str(shown["image_id"]), Box(*shown["part"]), Box(*shown["place"]))
        for shown in image.get("shows") or [whole]
    ]
    return SentCopy(width, height, shows)
