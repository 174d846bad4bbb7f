"""When watchers are told what is new: together with others, and no faster than they can show it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

FRAME = 0.016
"""Seconds of one display frame at 60 Hz."""
LONGEST_REST = 0.25
RESTS_FOR_WORK = 20
"""Times as long as an update took to make does its watcher rest: no reply gets more of a core than this."""
TICK = 0.010
"""Seconds between the moments at which the watchers of all replies are told."""


class Ticker:
    """Runs what is asked for in the meantime at common moments, TICK apart; at once where all was quiet.

    A hundred replies that are shown together cost a fifth less than a hundred that are shown whenever
    one of them has grown: the caches of the processor are still warm, and the event loop turns less often.
    """

    def __init__(
        self,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call_later = call_later
        self._clock = clock
        self._callbacks: list[Callable[[], None]] = []
        self._last = -TICK

    def soon(self, callback: Callable[[], None]) -> None:
        """Run `callback` at the next tick. To be called on the event loop."""
        self._callbacks.append(callback)
        if len(self._callbacks) == 1:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            call_later(max(0.0, self._last + TICK - self._clock()), self._tick)

    def _tick(self) -> None:
        self._last = self._clock()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


def at_once(callback: Callable[[], None]) -> None:
    """For a reply whose watchers need no common moments."""
    callback()


class Pace:
    """Holds a watcher to one update per display frame, and to fewer while the event loop lags or where
    updates are dear: text can be written so that it takes milliseconds to render.
    """

    def __init__(
        self,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._interval = FRAME
        self._last = self._due = -LONGEST_REST

    def has_rested(self) -> bool:
        """Whether `is_due` would say yes."""
        return self._clock() >= self._due

    def is_due(self) -> bool:
        """Whether the last update is long enough ago, so that another may go now. It is then the last."""
        now = self._clock()
        if now < self._due:
            return False
        self._last = now
        self._due = now + self._interval
        return True

    async def next_frame(self) -> None:
        """Return at once where an update is due, else when it will be."""
        if self.is_due():
            return
        due = self._due
        await self._sleep(due - self._clock())
        self._last = self._clock()
        lag = self._last - due
        self._interval = min(max(FRAME, 2 * lag), LONGEST_REST)
        self._due = self._last + self._interval

    def made(self, before: float = 0.0) -> None:
        """The update that was due is ready to be sent: what it took counts for when the next one is.

        `before`: seconds that had been spent on it when it became due.
        """
        rest = (self._clock() - self._last + before) * RESTS_FOR_WORK
        if rest > self._interval:
            self._due = self._last + min(rest, LONGEST_REST)
