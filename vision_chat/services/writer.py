"""The one thread that writes turns and checkpoints, with a database connection that it keeps.

SQLite has one writer at a time anyway; a queue in front of it costs less than waiting for its lock,
and a kept connection half as much as one opened for each turn. What waits together is told of together.
See docs/decisions/0003-one-writer.md.
"""

import asyncio
import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from django.db import connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LONGEST_SILENCE: Final = 0.1
"""Seconds after which those whose job is done are told so, however many still wait. A hundred take 70 ms."""


@dataclass(slots=True, eq=False)
class _Job:
    """A function that was asked for. `told` belongs to the event loop, the rest to whoever carries it out."""

    function: Callable[[], Any]
    told: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def carry_out(self) -> None:
        try:
            _make_ready()
            self.result = self.function()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever asked
            self.error = error

    def tell(self) -> None:
        if self.told.cancelled():
            return
        if self.error is not None:
            self.told.set_exception(self.error)
        else:
            self.told.set_result(self.result)


class Writer:
    """Runs functions one after the other in its own thread. Errors reach the caller. For one loop only."""

    def __init__(self, longest_silence: float = LONGEST_SILENCE) -> None:
        self._longest_silence = longest_silence
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._waiting: list[_Job] = []
        self._is_busy = False

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` after everything that was asked for before it.

        Once begun it is finished, also when the awaiting task is cancelled.
        """
        loop = asyncio.get_running_loop()
        call = partial(contextvars.copy_context().run, function, *args, **kwargs)
        told: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Job(call, told))
        if not self._is_busy:
            self._go_on(loop)
        return await told

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs, self._waiting = [job for job in self._waiting if not job.told.cancelled()], []
        self._is_busy = bool(jobs)
        if jobs:
            work = loop.run_in_executor(self._thread, _carry_out, jobs, self._longest_silence)
            work.add_done_callback(lambda work: self._tell(jobs, work.result(), loop))

    def _tell(self, jobs: list[_Job], done: int, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting[:0] = jobs[done:]
        self._go_on(loop)  # first, so that the thread does not wait for what the results set going
        for job in jobs[:done]:
            job.tell()

    async def close(self) -> None:
        """Finish what was asked for, then close the connection and the thread."""
        await self.run(_nothing)
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()


def _nothing() -> None:
    """What was asked for before it is finished when this is."""


def _carry_out(jobs: list[_Job], longest: float) -> int:
    """Carry out as many as can be begun within `longest` seconds, but at least one. Returns how many."""
    begun = time.monotonic()
    for number, job in enumerate(jobs, 1):
        job.carry_out()
        if time.monotonic() - begun >= longest:
            return number
    return len(jobs)


def _make_ready() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close_at = None  # kept for good, whatever CONN_MAX_AGE says for requests
        # a server that was restarted leaves a dead connection behind
        connection.close_if_unusable_or_obsolete()
