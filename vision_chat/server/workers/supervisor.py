"""The supervisor: keeps workers alive, replaces them one by one, and ends them together."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

from vision_chat.server.workers.pauses import Pauses
from vision_chat.server.workers.process import Worker

logger = logging.getLogger(__name__)

SLOW_SECONDS: Final = 30.0
"""Time after which the log says that a worker does not serve yet."""
FAILED: Final = 3
"""Exit code where no worker could start, as uvicorn has it."""

Start = Callable[[int], Awaitable[Worker]]
"""Starts the worker of this number, from 1."""


class Supervisor:
    """Keeps `count` workers alive. `patience` is the time that an ending worker has before it is killed.

    `close` is called once when all are to end: nobody may connect any more.
    """

    def __init__(self, count: int, start: Start, patience: float, close: Callable[[], None]) -> None:
        self.start = start
        self.patience = patience
        self.is_leaving = asyncio.Event()
        self._close = close
        self._has_failed = False
        self._wants_renewal = asyncio.Event()
        self._places = [_Place(self, number) for number in range(1, count + 1)]

    async def run(self) -> int:
        """Serve until told to end, and return the exit code."""
        with self._signals():
            renewing = asyncio.create_task(self._renew_when_wanted())
            try:
                await asyncio.gather(*(place.keep() for place in self._places))
            finally:
                renewing.cancel()
        return FAILED if self._has_failed else 0

    @property
    def has_served(self) -> bool:
        """True once a worker was ready: what fails before that is mended by no other start."""
        return any(place.has_served for place in self._places)

    def leave(self) -> None:
        """End all workers, and then this."""
        if not self.is_leaving.is_set():
            self.is_leaving.set()
            self._close()

    def fail(self) -> None:
        """End, because no worker could start."""
        self._has_failed = True
        self.leave()

    def renew(self) -> None:
        """Replace all workers, one by one. Where that is under way, it is done once more."""
        self._wants_renewal.set()

    async def _renew_when_wanted(self) -> None:
        while True:
            await self._wants_renewal.wait()
            self._wants_renewal.clear()
            logger.info("The workers are being replaced, one by one")
            if await self._renew_all():
                logger.info("All workers were replaced")

    async def _renew_all(self) -> bool:
        for place in self._places:
            if not await place.renewed():
                logger.error(
                    "The replacement of worker %s could not start: the others go on as they are", place.number
                )
                return False
        return True

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGTERM: self.leave, signal.SIGINT: self.leave, signal.SIGHUP: self.renew}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)


class _Place:
    """The place of one worker: its task alone starts, replaces and ends who is there."""

    def __init__(self, supervisor: Supervisor, number: int) -> None:
        self.number = number
        self._supervisor = supervisor
        self._is_leaving = supervisor.is_leaving
        self._is_renewal_due = asyncio.Event()
        self._renewal: asyncio.Future[bool] | None = None
        self._pauses = Pauses()
        self._worker: Worker | None = None
        self._had_ready = False

    @property
    def has_served(self) -> bool:
        """True once a worker was ready here."""
        return self._had_ready or bool(self._worker and self._worker.is_ready)

    async def renewed(self) -> bool:
        """Let another worker take this place. Returns False where it could not start."""
        self._renewal = asyncio.get_running_loop().create_future()
        self._is_renewal_due.set()
        return await self._renewal

    async def keep(self) -> None:
        """Keep a worker here until all are to end."""
        while not self._is_leaving.is_set():
            self._worker = await self._supervisor.start(self.number)
            began = _now()
            how = await self._watch()
            if not self._is_leaving.is_set():
                await self._pause(how, _now() - began)

    async def _watch(self) -> str:
        """Stay with the worker, and with those who replace it, to the end. Returns how the last one ended."""
        while True:
            assert self._worker is not None
            worker = self._worker
            what = await _first(
                leaving=self._is_leaving.wait(),
                ended=worker.ended(),
                hung=worker.hung(),
                renewal=self._is_renewal_due.wait(),
            )
            self._had_ready |= worker.is_ready
            if what == "renewal":
                await self._replace(worker)
                continue
            if what == "leaving":
                worker.terminate()
                await self._end(worker)
            elif what == "hung":
                worker.kill()
            code = await worker.ended()
            return f"{worker.pid} " + ("hung, and was killed" if what == "hung" else _end_of(code))

    async def _replace(self, worker: Worker) -> None:
        """Start another worker, and let this one end as soon as that one serves."""
        self._is_renewal_due.clear()
        successor = await self._supervisor.start(self.number)
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._say_slow)
        what = await _first(leaving=self._is_leaving.wait(), ready=successor.ready())
        slow.cancel()
        if what == "leaving":
            successor.terminate()
            worker.terminate()
            await asyncio.gather(self._end(successor), self._end(worker))
            return
        if successor.is_ready:
            self._worker = successor
            worker.replace()
            await self._end(worker)
        if self._renewal is not None and not self._renewal.done():
            self._renewal.set_result(successor.is_ready)

    def _say_slow(self) -> None:
        logger.warning("The replacement of worker %s does not serve yet; the others go on", self.number)

    async def _end(self, worker: Worker) -> None:
        """Wait for the end of a worker that was told to end, and kill one that does not."""
        try:
            async with asyncio.timeout(self._supervisor.patience):
                await worker.ended()
        except TimeoutError:
            logger.error("Worker %s (%s) did not end, and was killed", self.number, worker.pid)  # noqa: TRY400 - no fault here
            worker.kill()
            await worker.ended()

    async def _pause(self, how: str, lived: float) -> None:
        """Say how the worker was lost, and wait a little where that happens again and again."""
        if not self._supervisor.has_served:
            logger.error("No worker could start: %s", how)
            self._supervisor.fail()
            return
        seconds = self._pauses.after(lived)
        then = f" in {seconds:g} s" if seconds else ""
        logger.warning("Worker %s (%s); another one is started%s", self.number, how, then)
        if seconds:
            await _first(
                pause=asyncio.sleep(seconds),
                leaving=self._is_leaving.wait(),
                renewal=self._is_renewal_due.wait(),
            )


async def _first(**waits: Coroutine[Any, Any, Any]) -> str:
    """Return the name of what happens first; of several at once, of that which is named first."""
    tasks = {name: asyncio.create_task(wait) for name, wait in waits.items()}
    try:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks.values():
            task.cancel()
    return next(name for name, task in tasks.items() if task.done() and not task.cancelled())


def _end_of(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    return f"was killed by {signal.Signals(-code).name}"


def _now() -> float:
    return asyncio.get_running_loop().time()
