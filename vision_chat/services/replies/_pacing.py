"""The common tick of all running replies, and the pace at which one of them is rendered."""

import asyncio
import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

TICK = 0.010
"""Interval between two ticks, in seconds."""
RENDER_INTERVAL = 0.05
"""Minimum interval between two renderings of a reply, in seconds."""
REST_FACTOR = 20
"""Minimum interval between two renderings as a multiple of the last one's time: at most 5% of a core."""


class Ticker:
    """Runs callbacks in batches, one batch each TICK; at once where the last tick was longer ago.

    A hundred replies cost a fifth less CPU in batches than each sent when it grows
    (docs/decisions/0008-common-ticks.md). `call_later` and `clock` are replaced in tests.
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
        """Run `callback` at the next tick. Call this on the event loop."""
        self._callbacks.append(callback)
        if len(self._callbacks) == 1:
            self._schedule(max(0.0, self._last + TICK - self._clock()), self._tick)

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run `callback` at the first tick after `seconds`."""
        self._schedule(seconds, lambda: self.soon(callback))

    def _schedule(self, seconds: float, callback: Callable[[], None]) -> None:
        call_later = self._call_later or asyncio.get_running_loop().call_later
        call_later(seconds, callback)

    def _tick(self) -> None:
        self._last = self._clock()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                logger.exception("A callback of a tick failed; the others go on")


class RenderPace:
    """The time at which a reply may be rendered again, in seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock()

    def wait(self) -> float:
        """Return the seconds until the next rendering may begin, 0 where it may now."""
        return max(0.0, self._due - self._clock())

    def run(self, render: Callable[[], None]) -> None:
        """Call `render`, and set the time of the next rendering by the time that this one took."""
        begun = self._clock()
        render()
        cost = self._clock() - begun
        self._due = begun + max(RENDER_INTERVAL, cost * REST_FACTOR)
