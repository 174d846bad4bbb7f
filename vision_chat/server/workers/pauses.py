"""Pauses before a worker is started again."""

from typing import Final

STEADY_SECONDS: Final = 30.0
"""Life of a worker after which its death was an accident: the next one is started at once."""
LONGEST_SECONDS: Final = 30.0


class Pauses:
    """None after a worker that lived for a while; else longer each time."""

    def __init__(self) -> None:
        self._next = 0.0

    def after(self, lived_seconds: float) -> float:
        """Return how long to wait after a worker that lived for so long."""
        if lived_seconds >= STEADY_SECONDS:
            self._next = 0.0
        pause, self._next = self._next, min(LONGEST_SECONDS, max(1.0, 2 * self._next))
        return pause
