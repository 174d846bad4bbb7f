"""Limits of size and time for one connection: whoever opens it need not have signed in."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one connection. Overhead is what is no body: headers, trailers, framing."""

    overhead_bytes: int = 32 * 1024
    head_seconds: float = 15
    body_silence_seconds: float = 30
    body_bytes_per_second: int = 500
    unread_seconds: float = 60


class Guard:
    """The record of what a connection has sent. Tells when it must end. `now` is a clock in seconds."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._overhead = 0
        self._is_answering = False
        self._idle_since = now()
        self._body_since: float | None = None
        self._body_bytes = 0
        self._body_seen = 0.0
        self._unsent = 0
        self._unsent_since = now()

    def received(self, count: int) -> None:
        """Count what arrives, before it is parsed."""
        self._overhead += count

    def head_ended(self) -> None:
        self._overhead = 0
        self._is_answering = True
        self._body_since = self._body_seen = self._now()
        self._body_bytes = 0

    def body_arrived(self, count: int) -> None:
        self._overhead = 0
        self._body_bytes += count
        self._body_seen = self._now()

    def body_ended(self) -> None:
        self._overhead = 0
        self._body_since = None

    def answered(self) -> None:
        self._is_answering = False
        self._idle_since = self._now()

    def is_answering(self) -> bool:
        return self._is_answering

    def has_too_much_overhead(self) -> bool:
        return self._overhead > self._limits.overhead_bytes

    def delay(self, unsent: int) -> str:
        """Return what takes too long, "" where nothing does. Asked every few seconds.

        `unsent` is the number of bytes that the other side has not read yet.
        """
        now, limits = self._now(), self._limits
        if unsent != self._unsent or not unsent:
            self._unsent, self._unsent_since = unsent, now
        if now - self._unsent_since > limits.unread_seconds:
            return "an answer is not read"
        if self._body_since is not None:
            return self._delay_of_body(now, self._body_since)
        if not self._is_answering and now - self._idle_since > limits.head_seconds:
            return "a request does not arrive"
        return ""

    def _delay_of_body(self, now: float, since: float) -> str:
        patience = self._limits.body_silence_seconds
        least = (now - since - patience) * self._limits.body_bytes_per_second
        is_late = now - self._body_seen > patience or self._body_bytes < least
        return "a body does not arrive" if is_late else ""


class Allowance:
    """How often something may happen: `most` at once, and `per_second` in the long run."""

    def __init__(self, most: float, per_second: float, now: Callable[[], float]) -> None:
        self._most = self._left = most
        self._per_second = per_second
        self._now = now
        self._seen = now()

    def take(self) -> bool:
        """Count one; tell whether it may be."""
        now = self._now()
        self._left = min(self._most, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
