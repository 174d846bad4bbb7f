"""Common ticks for all running replies, and the pace at which one of them is rendered."""

import asyncio
import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

TICK = 0.010
"""Seconds between two ticks."""
RENDER_INTERVAL = 0.05
"""Least seconds between two renderings of a reply's structure."""
RESTS_FOR_WORK = 20
"""A reply rests this many times as long as its last rendering took, so it gets at most 5% of a core."""


class Ticker:
    """Runs callbacks together, TICK apart; at once after a quiet time.

    A hundred replies that are rendered and sent together cost a fifth less than a hundred that are each sent
    when they grow (docs/decisions/0008-common-ticks.md). `call_later` and `clock` are replaced in tests.
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
    """Says when a reply's structure may be rendered again. Times are seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock()

    def wait(self) -> float:
        """Return the seconds until the next rendering may begin, 0 for now."""
        return max(0.0, self._due - self._clock())

    def run(self, render: Callable[[], None]) -> None:
        """Call `render` and set the time of the next rendering by what this one cost."""
        begun = self._clock()
        render()
        cost = self._clock() - begun
        self._due = begun + max(RENDER_INTERVAL, cost * RESTS_FOR_WORK)
