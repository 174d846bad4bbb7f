"""A text that grows at its end, and may begin afresh."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addition:
    """What was added to a text; `is_afresh` where it replaces what was there."""

    text: str
    is_afresh: bool = False


class GrowingText:
    """A text in parts. `take` returns what was added since it was called last."""

    def __init__(self) -> None:
        self.is_empty = True
        """True where it holds white space at most."""
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
            self.is_empty = self.is_empty and text.isspace()

    def begin_afresh(self, text: str) -> None:
        """Make `text` all that there is."""
        self._parts, self.is_empty = [], True
        self._taken, self._is_afresh = 0, True
        self.add(text)

    def take(self) -> Addition | None:
        """Return what was added since the last call; None where nothing was."""
        text, is_afresh = "".join(self._parts[self._taken :]), self._is_afresh
        self._taken, self._is_afresh = len(self._parts), False
        return Addition(text, is_afresh) if text or is_afresh else None
