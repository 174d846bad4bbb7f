"""The way of requests to an endpoint: they wait while it is paused, are refused while it is away, or go."""

import asyncio
import math
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from vision_chat.errors.completions import CompletionError, EndpointAwayError, RateLimitedError
from vision_chat.services.endpoint_states.rules import WELL, Decision, Verdict
from vision_chat.services.endpoint_states.states import EndpointStates

PATIENCE_SECONDS: Final = 90.0
"""Time that one reply waits in all because its endpoint is paused: most limits are of a minute."""
PROBE_PATIENCE_SECONDS: Final = 5.0
"""Time that others wait for what comes of a probe."""
LEAST_SLEEP: Final = 0.05
LONGEST_SLEEP: Final = 1.0
"""The state is looked at again so often: another process may have changed it."""


class Passage:
    """A request that may be sent. As a context it tells the other requests what came of it."""

    def __init__(self, states: EndpointStates, address: str, *, is_probe: bool = False) -> None:
        self._states = states
        self._address = address
        self._is_probe = is_probe
        self._has_answered = False

    async def answered(self) -> None:
        """Say that the first piece of the answer has come; what follows says nothing of the endpoint."""
        if not self._has_answered:
            self._has_answered = True
            await self._states.note_success(self._address)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._has_answered:
            await self._states.note_end(self._address, error, was_probe=self._is_probe)


def _not_noted(_seconds: float | None) -> None:
    """Tell nobody."""


class Gate:
    """The gate before one endpoint for the requests of one reply, which share its patience.

    `note` is told for how many seconds it will have to wait, None where nobody knows.
    """

    def __init__(
        self,
        states: EndpointStates,
        address: str,
        note: Callable[[float | None], None] = _not_noted,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._states = states
        self._address = address
        self._note = note
        self._left = patience
        self._left_for_probe = min(PROBE_PATIENCE_SECONDS, patience)
        self.is_pausing = False
        """True while a request waits because the endpoint is paused, or comes back from a pause."""

    async def enter(self, refusal: RateLimitedError | None = None) -> Passage:
        """Wait until a request may be sent. Raises EndpointAwayError and RateLimitedError.

        `refusal` is that of the request before, which is raised where the patience is over.
        """
        states, address = self._states, self._address
        if await states.state_of(address) == WELL and not states.is_waited_for(address):
            return Passage(states, address)
        with states.waiting(address) as is_first:
            while True:
                decision = await states.decide(address, is_first=is_first())
                if decision.verdict in (Verdict.GO, Verdict.PROBE):
                    return Passage(states, address, is_probe=decision.verdict is Verdict.PROBE)
                await self._wait(decision, refusal)

    async def _wait(self, decision: Decision, refusal: RateLimitedError | None) -> None:
        assert decision.until is not None
        seconds = max(0.0, (decision.until - self._states.now()).total_seconds())
        if decision.verdict is Verdict.AWAY:
            raise _away(seconds)
        if decision.verdict is Verdict.PROBED:
            if self._left_for_probe <= 0:
                raise _away(PROBE_PATIENCE_SECONDS)
            self._left_for_probe -= await self._slept(min(LONGEST_SLEEP, self._left_for_probe))
            return
        if seconds > self._left or self._left <= 0:
            raise refusal or _too_many(seconds)
        self._note(seconds if decision.state.is_paused(self._states.now()) else None)
        self.is_pausing = True
        try:
            self._left -= await self._slept(min(max(seconds, LEAST_SLEEP), LONGEST_SLEEP))
        finally:
            self.is_pausing = False

    async def _slept(self, seconds: float) -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(seconds)
        return loop.time() - begun


def _away(seconds: float) -> CompletionError:
    error = EndpointAwayError(seconds=_rounded(seconds))
    error.retry_after = seconds
    return error


def _too_many(seconds: float) -> CompletionError:
    error = RateLimitedError(f"The endpoint has asked for a pause of which {_rounded(seconds)} s are left.")
    error.retry_after = seconds
    return error


def _rounded(seconds: float) -> int:
    """Return seconds as people say them."""
    step = 1 if seconds < 10 else 5 if seconds < 60 else 30
    return max(1, math.ceil(seconds / step) * step)
