"""How long a completion may take, and the error for each limit."""

import asyncio
from dataclasses import dataclass

from vision_chat.errors.completions import (
    CompletionError,
    FirstTokenTimeoutError,
    ReplyTimeoutError,
    TokenTimeoutError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits of one completion in seconds. Whatever comes counts as a sign of life: reasoning, comments."""

    connect: float = 10
    first_token: float = 120
    between_tokens: float = 60
    whole: float = 1200


class Deadlines:
    """The limits of one completion in the time of the event loop, as `asyncio.timeout_at` takes them."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._whole = self._loop.time() + timeouts.whole
        self.first_token = self._whole
        self._end = self._whole

    def start_attempt(self) -> None:
        """Count the time to the first token from now: a pause between two attempts is not the endpoint's."""
        self.first_token = self.after(self.timeouts.first_token)

    def after(self, seconds: float) -> float:
        """Return the time in `seconds` from now, or the end of the whole completion if that is sooner."""
        return min(self._whole, self._loop.time() + seconds)

    def end(self, seconds: float) -> float:
        """Return the time in `seconds` from the first call of this, or earlier where a later call says so."""
        self._end = min(self._end, self.after(seconds))
        return self._end

    def error(self, *, has_begun: bool) -> CompletionError:
        """Return the error for the limit that has just passed."""
        if self._loop.time() >= self._whole:
            return ReplyTimeoutError(seconds=round(self.timeouts.whole))
        if has_begun:
            return TokenTimeoutError(seconds=round(self.timeouts.between_tokens))
        return FirstTokenTimeoutError(seconds=round(self.timeouts.first_token))
