"""How far a backup is, said every few seconds."""

import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 5.0


class Progress:
    """Says a line at most every SECONDS."""

    def __init__(self, say: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._said_at = clock()

    def tell(self, line: Callable[[], str]) -> None:
        """Say a line, unless one was said a moment ago."""
        if self._clock() - self._said_at >= SECONDS:
            self._said_at = self._clock()
            self._say(line())


def size(number: int) -> str:
    """Return a number of bytes for people."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:,.0f} {unit}" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
