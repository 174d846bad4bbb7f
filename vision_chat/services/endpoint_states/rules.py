"""The rules of pauses and of the circuit breaker: a state, an event and the time in, the next state out.

A pause begins with a refusal for too many requests (429). After it requests start one by one; each that is
answered halves the gap before the next. The breaker opens after failures in a row, for a time that doubles;
then one request goes first, the probe. Its failure opens the breaker again, any answer closes it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    EndpointFailedError,
    FirstTokenTimeoutError,
    ModelLoadingError,
    RateLimitedError,
    ReplyFailedError,
    ReplyLostError,
    UnreachableError,
    UntrustedError,
)

OPENS_AT: Final = 5
"""Failures in a row that open the breaker."""
FIRST_OPEN: Final = timedelta(seconds=10)
LONGEST_OPEN: Final = timedelta(minutes=5)
PROBE: Final = timedelta(seconds=150)
"""Time after which a probe counts as lost with its process; longer than an endpoint is waited for."""
FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""Time without an event after which what follows is none in a row with what was before."""

FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=1)
"""The longest pause that nobody asked for: each in a row is twice as long as the one before."""
LEAST_ASKED: Final = timedelta(seconds=1)
MOST_ASKED: Final = timedelta(minutes=10)
"""The longest pause, whatever the endpoint asks for: it may be wrong, and one request shows it."""
FIRST_GAP: Final = 1.0
LONGEST_GAP: Final = 8.0
LEAST_GAP: Final = 0.1
"""Gap in seconds below which requests start as they come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of an endpoint; what it has by default is that of one that is well."""

    paused_until: datetime | None = None
    pauses: int = 0
    gap: float = 0
    next_start: datetime | None = None
    """Time from which the next request may start, where there is a gap."""
    failures: int = 0
    failed_at: datetime | None = None
    openings: int = 0
    open_until: datetime | None = None
    """Set while the breaker is open, also when its time has passed and nothing was answered since."""
    probe_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.open_until is not None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until


WELL: Final = State()


class Signal(Enum):
    """What the end of a request that has brought nothing says of its endpoint."""

    FAILURE = auto()
    """It is away."""
    TOO_MANY = auto()
    """It wants fewer requests."""
    ANSWER = auto()
    """It is there, whatever it said."""
    NOTHING = auto()


_FAILURES: Final = (
    UnreachableError,
    ConnectTimeoutError,
    FirstTokenTimeoutError,
    DisconnectedError,
    EndpointFailedError,
    ReplyFailedError,
    ReplyLostError,
)
_NO_FAILURES: Final = (ModelLoadingError, UntrustedError)
"""Kinds of those above: a model that loads is waited for, a wrong certificate is for an administrator."""


def signal_of(error: BaseException | None) -> Signal:
    """Return what an error before the first piece of an answer says of the endpoint; None is no error."""
    if isinstance(error, RateLimitedError):
        return Signal.TOO_MANY
    if isinstance(error, _FAILURES) and not isinstance(error, _NO_FAILURES):
        return Signal.FAILURE
    is_silent = isinstance(error, UntrustedError) or not isinstance(error, CompletionError | None)
    return Signal.NOTHING if is_silent else Signal.ANSWER


class Verdict(Enum):
    """Whether a request may be sent now."""

    GO = auto()
    PROBE = auto()
    """It goes first, after the breaker was open."""
    WAIT = auto()
    """Not before `until`: the endpoint has asked for a pause, or another request has just started."""
    PROBED = auto()
    """Another request has gone first, and nothing has come of it yet."""
    AWAY = auto()
    """The breaker is open until `until`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the time until which it holds, and the state once it is followed."""

    verdict: Verdict
    state: State
    until: datetime | None = None


def decide(state: State, now: datetime) -> Decision:
    """Decide whether a request may be sent."""
    if state.open_until is not None:
        return _decide_open(state, now, state.open_until)
    if state.is_paused(now):
        return Decision(Verdict.WAIT, state, state.paused_until)
    if not state.gap:
        return Decision(Verdict.GO, state)
    if state.next_start is not None and now < state.next_start:
        return Decision(Verdict.WAIT, state, state.next_start)
    return Decision(Verdict.GO, replace(state, next_start=now + timedelta(seconds=state.gap)))


def _decide_open(state: State, now: datetime, until: datetime) -> Decision:
    if now < until:
        return Decision(Verdict.AWAY, state, until)
    if state.probe_until is not None and now < state.probe_until:
        return Decision(Verdict.PROBED, state, state.probe_until)
    return Decision(Verdict.PROBE, replace(state, probe_until=now + PROBE))


def answered(state: State, now: datetime) -> State:
    """Return the state after an answer. One to a request from before a pause does not shorten that."""
    state = _closed(state)
    if state.is_paused(now):
        return state
    gap = state.gap / 2
    return WELL if gap < LEAST_GAP else replace(state, gap=gap)


def failed(state: State, now: datetime) -> State:
    """Return the state after a failure. Those of requests from before it opened do not lengthen that."""
    if state.open_until is not None and now < state.open_until:
        return state
    if _is_long_ago(state.failed_at, now):
        state = replace(state, failures=0, openings=0)
    failures = state.failures + 1
    state = replace(state, failures=failures, failed_at=now, probe_until=None)
    if failures < OPENS_AT and not state.is_open:
        return state
    span = min(FIRST_OPEN * 2 ** min(state.openings, 10), LONGEST_OPEN)
    return replace(state, openings=state.openings + 1, open_until=now + span)


def rate_limited(state: State, now: datetime, asked: float | None) -> State:
    """Return the state after a refusal for too many requests, which may have `asked` for so many seconds.

    Where a pause has begun already it was sent before that, and only lengthens it where it asks for more.
    """
    state = _closed(state)
    was_paused = state.is_paused(now)
    if not was_paused:
        pauses = 1 if _is_long_ago(state.paused_until, now) else state.pauses + 1
        gap = min(max(FIRST_GAP, state.gap * 2), LONGEST_GAP)
        state = replace(state, pauses=pauses, gap=gap)
    if asked is not None:
        span = min(max(timedelta(seconds=min(asked, MOST_ASKED.total_seconds())), LEAST_ASKED), MOST_ASKED)
    else:
        span = min(FIRST_PAUSE * 2 ** min(state.pauses - 1, 10), LONGEST_PAUSE)
    until = now + span
    if was_paused and state.paused_until is not None:
        until = max(until, state.paused_until) if asked is not None else state.paused_until
    return replace(state, paused_until=until, next_start=until)


def released(state: State) -> State:
    """Return the state after a probe that was given up, of which nothing is known."""
    return replace(state, probe_until=None)


def _closed(state: State) -> State:
    return replace(state, failures=0, failed_at=None, openings=0, open_until=None, probe_until=None)


def _is_long_ago(moment: datetime | None, now: datetime) -> bool:
    return moment is None or now - moment > FORGOTTEN_AFTER
