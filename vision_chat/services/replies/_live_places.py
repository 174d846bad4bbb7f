"""The places in pictures that a running reply names: drawn as soon as each is complete."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from vision_chat.services.places.growing import GrowingPlaces
from vision_chat.services.places.mapping import Sight
from vision_chat.services.places.place import Place
from vision_chat.services.vision.family import Places

ItemsHtml = Callable[[Sequence[Place], Sight, int], list[str]]
"""Renders the places that can be drawn, from an index on."""
_MAY_END_A_PLACE: Final = re.compile(r"[\]})>;\n]")
"""The ends of a place or its label in every format. Words without one wait, so that a token costs nothing."""


class LivePlaces:
    """Places of one answer. None is drawn before it is known what was sent, none where that had no images."""

    def __init__(self, spec: Places, items_html: ItemsHtml) -> None:
        self._growing = GrowingPlaces(spec)
        self._items_html = items_html
        self.sight: Sight | None = None
        self._waiting: list[str] = []
        """Text of the answer that was not read yet."""
        self._items: list[str] = []
        self._drawn = 0
        """Number of the places that were rendered, as far as they can be drawn."""

    def read_as(self, spec: Places) -> None:
        """Read places as another family of models names them, before anything has come."""
        self._growing = GrowingPlaces(spec)

    @property
    def items(self) -> Sequence[str]:
        """The HTML of the places that can be drawn; it only grows until the answer begins afresh."""
        if self.sight is not None and self._drawn < len(self._growing.found):
            self._drawn = len(self._growing.found)
            self._items += self._items_html(self._growing.found, self.sight, len(self._items))
        return self._items

    def know(self, sight: Sight) -> None:
        """Take note of what was sent, before the answer to it begins."""
        self.sight, self._items, self._drawn = sight, [], 0
        self._read()

    def take(self, text: str, *, is_afresh: bool) -> None:
        """Read more of the answer."""
        if is_afresh:
            self._growing.begin_afresh()
            self._waiting, self._items, self._drawn = [], [], 0
        if self.sight is None:
            self._waiting.append(text)
        elif self.sight.copies:
            self._waiting.append(text)
            if _MAY_END_A_PLACE.search(text):
                self._read()

    def finish(self) -> None:
        """Read what waited for more."""
        self._read()
        self._growing.finish()

    def _read(self) -> None:
        if self.sight is None:
            return
        text, self._waiting = "".join(self._waiting), []
        if self.sight.copies:
            self._growing.feed(text)
