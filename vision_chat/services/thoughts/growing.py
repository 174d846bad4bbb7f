"""A text that grows at its end, whose last part may still change, and which may begin afresh."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addition:
    """What was added to a text; `is_afresh` where it replaces what was there."""

    text: str
    is_afresh: bool = False


class GrowingText:
    """Parts that stay, and an open part that may grow, change or go."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open = ""
        self._taken = 0
        """Number of the parts that were taken."""
        self._taken_open = ""
        self._is_afresh = False

    def __str__(self) -> str:
        return "".join(self._parts) + self._open

    @property
    def closed(self) -> str:
        """The text without its open part."""
        return "".join(self._parts)

    @property
    def is_empty(self) -> bool:
        """True where it holds white space at most."""
        return not self._open.strip() and not any(part.strip() for part in self._parts)

    def add(self, text: str) -> None:
        """Add a part that stays. The open part must be empty, or be what `text` begins with."""
        if text:
            self._parts.append(text)
        self._open = ""

    def show_open(self, text: str) -> None:
        """Make `text` the open part."""
        self._open = text

    def clear(self) -> None:
        """Begin afresh."""
        self._parts, self._open = [], ""
        self._taken, self._taken_open, self._is_afresh = 0, "", True

    def take(self) -> Addition | None:
        """Return what was added since the last call; None where nothing was."""
        new = "".join(self._parts[self._taken :]) + self._open
        is_afresh = self._is_afresh or not new.startswith(self._taken_open)
        text = str(self) if is_afresh else new[len(self._taken_open) :]
        self._taken, self._taken_open, self._is_afresh = len(self._parts), self._open, False
        return Addition(text, is_afresh) if text or is_afresh else None
