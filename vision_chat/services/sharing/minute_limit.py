"""How often a person may do something in a minute, counted in one process."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

MINUTE: Final = 60.0


class MinuteLimit:
    """Lets each person in so many times a minute. Used on the event loop; `now` is a clock in seconds."""

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._begun: dict[Hashable, deque[float]] = {}

    def allows(self, person: Hashable) -> bool:
        """Count one more time, unless there were as many as may be. Returns whether it was counted."""
        now = self._now()
        self._forget(now - MINUTE)
        begun = self._begun.setdefault(person, deque())
        if len(begun) >= self.limit:
            return False
        begun.append(now)
        return True

    def _forget(self, before: float) -> None:
        for person, begun in list(self._begun.items()):
            while begun and begun[0] <= before:
                begun.popleft()
            if not begun:
                del self._begun[person]
