"""How long a completion may take, at a price that can be paid on every token.

Moving an `asyncio.timeout()` cancels and sets a timer per token (2 to 3 microseconds, measured, instead of
0.14). Here one timer runs: a token only writes down the new deadline, and a timer that fires too early goes
back to sleep.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from vision_chat.errors.completions import (
    CompletionError,
    FirstTokenTimeoutError,
    ReplyTimeoutError,
    TokenTimeoutError,
)


class MovingDeadline:
    """`with deadline.until(at): await something()` raises TimeoutError when `at` passes meanwhile.

    `until` may be called again inside, and moves it. Outside, the task is left alone: a pause before the
    next attempt is not the endpoint's silence. It belongs to one task, which `close`s it at the end.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0
        self._task: asyncio.Task[object] | None = None  # while it is inside
        self._cancelling = 0
        self._has_rung = False

    def until(self, at: float) -> Self:
        """Set or move the deadline, in the time of the event loop."""
        self._at = at
        if self._timer is None or self._timer.when() > at:
            self._set_timer()
        return self

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Our own cancellation becomes TimeoutError; one from outside stays what it is."""
        task, self._task = self._task, None
        if not self._has_rung or task is None:
            return
        self._has_rung = False
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _set_timer(self) -> None:
        self.close()
        self._timer = self._loop.call_at(self._at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None or self._has_rung:
            return  # nobody waits, or has been told; the next `until` sets the timer again
        if self._loop.time() < self._at:
            self._set_timer()
            return
        self._has_rung = True
        self._task.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. A model that thinks aloud, and a stream that is kept alive, count as not silent."""

    connect: float = 10
    first_token: float = 120
    between_tokens: float = 60
    whole: float = 900


class Clock:
    """The deadlines of one completion, and the error that each of them is."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._deadline = MovingDeadline()
        self._whole = self._loop.time() + timeouts.whole
        self._first_token = self._whole

    def close(self) -> None:
        self._deadline.close()

    def start_attempt(self) -> None:
        self._first_token = min(self._whole, self._loop.time() + self.timeouts.first_token)

    def until_first_token(self) -> MovingDeadline:
        return self._deadline.until(self._first_token)

    def silence(self, seconds: float | None = None) -> MovingDeadline:
        """Until `seconds` from now; the usual time between tokens when they are not given."""
        at = self._loop.time() + (self.timeouts.between_tokens if seconds is None else seconds)
        return self._deadline.until(min(at, self._whole))

    def error(self, *, has_begun: bool) -> CompletionError:
        if self._loop.time() >= self._whole:
            return ReplyTimeoutError(seconds=round(self.timeouts.whole))
        if has_begun:
            return TokenTimeoutError(seconds=round(self.timeouts.between_tokens))
        return FirstTokenTimeoutError(seconds=round(self.timeouts.first_token))
