"""The states of endpoints as one process knows them: from memory, and from the rows at most once a second."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar, cast

from django.db import Error as DatabaseError

from vision_chat.errors.completions import CompletionError
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.endpoint_states import rows, rules
from vision_chat.services.endpoint_states.rows import Cause, Changed
from vision_chat.services.endpoint_states.rules import WELL, Decision, Signal, State, Verdict

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

FRESH_SECONDS: Final = 1.0
"""Time for which what was read of the rows holds."""
BEHIND: Final = timedelta(seconds=0.2)
"""Time after which a request looks again whether it is the first of those that wait."""
PATIENCE_SECONDS: Final = 3.0
"""Time that the database may take. After it the process goes by what it knows itself."""


class EndpointStates:
    """The states that one process knows. Used on the event loop only.

    Where it is the only one (not `is_shared`) rows are read once, and then only while an endpoint is in
    trouble: an administrator may take it for well. Where the database fails the process goes by its memory.
    """

    def __init__(self, writer: DatabaseThreads, readers: DatabaseThreads, *, is_shared: bool) -> None:
        self._writer = writer
        self._readers = readers
        self._is_shared = is_shared
        self._known: dict[str, State] = {}
        self._reading = asyncio.Lock()
        self._read_at: float | None = None
        self._changes = 0
        self._ahead: float | None = None
        """Seconds by which the database's clock is ahead of that of the event loop."""
        self._waiting: dict[str, list[object]] = {}

    def now(self) -> datetime:
        """Return the time of the database's clock, as far as it is known."""
        loop_time = asyncio.get_running_loop().time()
        if self._ahead is None:
            self._ahead = time.time() - loop_time
        return datetime.fromtimestamp(loop_time + self._ahead, UTC)

    async def state_of(self, address: str) -> State:
        """Return the state of an endpoint, as it was a second ago at most."""
        if self._is_due():
            async with self._reading:
                if self._is_due():  # nobody has read meanwhile
                    await self._read()
        return self._known.get(address, WELL)

    async def decide(self, address: str, *, is_first: bool) -> Decision:
        """Decide whether a request may be sent, and say in the row that it is, where others must know.

        Of those that wait in this process only the first may go.
        """
        decision = rules.decide(await self.state_of(address), now := self.now())
        if decision.state == self._known.get(address, WELL):
            return decision
        if not is_first:
            return Decision(_behind(decision.verdict), decision.state, now + BEHIND)
        return await self._change(address, _decided)

    async def note_success(self, address: str) -> None:
        """Take note that an endpoint answers. Nothing is written of one that was well."""
        if address in self._known:
            await self._change(address, lambda state, now: (rules.answered(state, now), None))

    async def note_failure(self, address: str, error: CompletionError) -> None:
        """Take note of a failure that says that an endpoint is away."""

        def failed(state: State, now: datetime) -> tuple[State, bool]:
            after = rules.failed(state, now)
            return after, after.openings > state.openings

        if await self._change(address, failed, Cause(error.code, error.detail)):
            logger.warning("%s does not answer (%s) and is left alone for a while", address, error.code)

    async def note_rate_limit(self, address: str, error: CompletionError) -> None:
        """Take note that an endpoint wants fewer requests."""
        asked = error.retry_after

        def paused(state: State, now: datetime) -> tuple[State, bool]:
            after = rules.rate_limited(state, now, asked)
            return after, after.pauses != state.pauses

        if await self._change(address, paused, Cause(error.code, error.detail)):
            logger.warning("%s has asked for a pause", address)

    async def note_end(self, address: str, error: BaseException | None, *, was_probe: bool) -> None:
        """Take note of the end of a request of which nothing has come."""
        signal = rules.signal_of(error)
        if signal is Signal.ANSWER:
            await self.note_success(address)
        elif signal is Signal.FAILURE:
            await self.note_failure(address, cast(CompletionError, error))
        elif signal is Signal.TOO_MANY:
            await self.note_rate_limit(address, cast(CompletionError, error))
        elif was_probe:
            await self._change(address, lambda state, _now: (rules.released(state), None))

    def look_again(self) -> None:
        """Read the rows before the next request: one was changed by hand. Callable from any thread."""
        self._read_at = None

    @contextmanager
    def waiting(self, address: str) -> Iterator[Callable[[], bool]]:
        """Wait among others of this process; gives what tells whether it is one's turn."""
        mine, line = object(), self._waiting.setdefault(address, [])
        line.append(mine)
        try:
            yield lambda: line[0] is mine
        finally:
            line.remove(mine)
            if not line:
                del self._waiting[address]

    def is_waited_for(self, address: str) -> bool:
        """Tell whether requests wait in this process."""
        return address in self._waiting

    def _is_due(self) -> bool:
        if self._read_at is None:
            return True
        is_fresh = asyncio.get_running_loop().time() - self._read_at < FRESH_SECONDS
        return not is_fresh and (self._is_shared or bool(self._known))

    async def _read(self) -> None:
        changes = self._changes
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                known, now = await self._readers.run(rows.read)
        except (DatabaseError, TimeoutError):
            logger.warning("The states of endpoints could not be read", exc_info=True)
        else:
            if changes == self._changes:  # else what was read may be older than what is known
                self._known = known
            self._set_clock(now)
        self._read_at = asyncio.get_running_loop().time()

    async def _change(
        self,
        address: str,
        changed: Callable[[State, datetime], tuple[State, Result]],
        cause: Cause | None = None,
    ) -> Result:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                outcome: Changed[Result] = await self._writer.run(
                    cast(Any, partial(rows.change, address, changed, cause))
                )
        except (DatabaseError, TimeoutError):
            logger.warning("The state of the endpoint %s could not be saved", address, exc_info=True)
            state, result = changed(self._known.get(address, WELL), self.now())
        else:
            state, result = outcome.state, outcome.result
            self._set_clock(outcome.now)
        self._changes += 1
        if state == WELL:
            self._known.pop(address, None)
        else:
            self._known[address] = state
        return result

    def _set_clock(self, now: datetime | None) -> None:
        if now is not None:
            self._ahead = now.timestamp() - asyncio.get_running_loop().time()


def _decided(state: State, now: datetime) -> tuple[State, Decision]:
    decision = rules.decide(state, now)
    return decision.state, decision


def _behind(verdict: Verdict) -> Verdict:
    """Return what a verdict means to those who are not the first to wait."""
    return Verdict.PROBED if verdict is Verdict.PROBE else Verdict.WAIT
