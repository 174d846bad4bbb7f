"""A text that grows at its end, and may begin afresh."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addition:
    """An addition to a text; `is_afresh` where it replaces what was there."""

    text: str
    is_afresh: bool = False


class GrowingText:
    """A text in parts. `take` returns what was added since it was called last."""

    def __init__(self) -> None:
        self.is_empty = True
        """True where it holds white space at most."""
        self.waiting = 0
        """Number of characters that were not taken."""
        self._parts: list[str] = []
        self._taken = 0
        """Number of the parts that were taken."""
        self._is_afresh = False

    def __str__(self) -> str:
        return "".join(self._parts)

    def add(self, text: str) -> None:
        """Add text at the end."""
        if text:
            self._parts.append(text)
            self.waiting += len(text)
            self.is_empty = self.is_empty and text.isspace()

    def begin_afresh(self, text: str) -> None:
        """Make `text` all that there is."""
        self._parts, self.is_empty, self.waiting = [], True, 0
        self._taken, self._is_afresh = 0, True
        self.add(text)

    def take(self, limit: int) -> Addition | None:
        """Return so many characters at most of what was added since the last call; None where nothing was."""
        first, length = self._taken, 0
        while length < limit and self._taken < len(self._parts):
            length += len(self._parts[self._taken])
            self._taken += 1
        if length > limit:
            last = self._parts[self._taken - 1]
            cut = len(last) - (length - limit)
            self._parts[self._taken - 1 : self._taken] = [last[:cut], last[cut:]]
        text, is_afresh = "".join(self._parts[first : self._taken]), self._is_afresh
        self.waiting -= len(text)
        self._is_afresh = False
        return Addition(text, is_afresh) if text or is_afresh else None
