"""The one thread that writes turns and checkpoints, with a database connection that it keeps.

SQLite has one writer at a time anyway; a queue in front of it costs less than waiting for its lock,
and a kept connection half as much as one opened for each turn. What waits together is carried out together,
in one transaction. See docs/decisions/0003-one-writer.md.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from django.db import Error, connections, transaction

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST_TOGETHER: Final = 100
"""So many may wait for each other: some 60 ms, and the first of them as long as the last."""


@dataclass(slots=True, eq=False)
class _Job:
    """A function that was asked for. `told` belongs to the event loop, the rest to whoever carries it out."""

    function: Callable[[], Any]
    told: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def carry_out(self) -> None:
        self.error = None
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
    """Runs functions one after the other in its own thread. Errors reach the caller. Asked on one loop only.

    A function reaches for nothing but the database, and is atomic: where a statement of one fails among those
    that waited together, each of them is carried out once more, by itself.
    """

    def __init__(self) -> None:
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
        wanted = [job for job in self._waiting if not job.told.cancelled()]
        jobs, self._waiting = wanted[:MOST_TOGETHER], wanted[MOST_TOGETHER:]
        self._is_busy = bool(jobs)
        if jobs:
            work = loop.run_in_executor(self._thread, _carry_out, jobs)
            work.add_done_callback(lambda _: self._tell(jobs, loop))

    def _tell(self, jobs: list[_Job], loop: asyncio.AbstractEventLoop) -> None:
        self._go_on(loop)  # first, so that the thread does not wait for what the results set going
        for job in jobs:
            job.tell()

    async def close(self) -> None:
        """Finish what was asked for, then close the connection and the thread."""
        await self.run(_nothing)
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()


def _nothing() -> None:
    """What was asked for before it is finished when this is."""


def _carry_out(jobs: list[_Job]) -> None:
    if len(jobs) > 1 and _carry_out_together(jobs):
        return
    for job in jobs:
        job.carry_out()


def _carry_out_together(jobs: list[_Job]) -> bool:
    """In one transaction: to commit is a quarter of what it takes to keep a turn.

    Returns whether all have ended, well or badly. What a failed commit has done nobody knows: nothing is
    carried out again after it.
    """
    try:
        _make_ready()
        with transaction.atomic():
            for job in jobs:
                job.carry_out()
                if isinstance(job.error, Error):
                    transaction.set_rollback(True)
                    return False
    except Exception as error:  # noqa: BLE001 - it belongs to those who asked
        for job in jobs:
            job.error = error
    return True


def _make_ready() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close_at = None  # kept for good, whatever CONN_MAX_AGE says for requests
        if not connection.in_atomic_block:  # or Django would take the transaction for a forgotten one
            # a server that was restarted leaves a dead connection behind
            connection.close_if_unusable_or_obsolete()
