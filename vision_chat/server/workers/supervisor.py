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
"""Exit code where no worker, or no server without them, could start; that of uvicorn."""

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
        self._seats = [_Seat(self, number) for number in range(1, count + 1)]

    async def run(self) -> int:
        """Serve until told to end, and return the exit code."""
        with self._signals():
            renewing = asyncio.create_task(self._renew_when_wanted())
            try:
                await asyncio.gather(*(seat.keep() for seat in self._seats))
            finally:
                renewing.cancel()
        return FAILED if self._has_failed else 0

    @property
    def has_served(self) -> bool:
        """True once a worker was ready: what fails before that is mended by no other start."""
        return any(seat.has_served for seat in self._seats)

    def leave(self) -> None:
        """End all workers, and then this."""
        if not self.is_leaving.is_set():
            logger.info("The workers are told to end")
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
        for seat in self._seats:
            if not await seat.renewed():
                logger.error(
                    "The replacement of worker %s could not start: the others go on as they are", seat.number
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


class _Seat:
    """The seat of one worker: its task alone starts, replaces and ends who is there."""

    def __init__(self, supervisor: Supervisor, number: int) -> None:
        self.number = number
        self._supervisor = supervisor
        self._is_leaving = supervisor.is_leaving
        self._is_renewal_due = asyncio.Event()
        self._renewal: asyncio.Future[bool] | None = None
        self._pauses = Pauses()
        self._worker: Worker | None = None
        self._successor: Worker | None = None
        """The one that replaces the worker once it serves; the worker itself where that was lost before."""
        self._slow: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Task[None]] = set()
        """Of those that have no seat here any more."""
        self._had_ready = False

    @property
    def has_served(self) -> bool:
        """True once a worker was ready here."""
        return self._had_ready or bool(self._worker and self._worker.is_ready)

    async def renewed(self) -> bool:
        """Let another worker take this seat. Returns False where it could not start."""
        self._renewal = asyncio.get_running_loop().create_future()
        self._is_renewal_due.set()
        return await self._renewal

    async def keep(self) -> None:
        """Keep a worker here until all are to end."""
        while not self._is_leaving.is_set():
            began = _now()
            how = await self._work()
            if not self._is_leaving.is_set():
                await self._pause(how, _now() - began)
        await asyncio.gather(*self._endings)

    async def _work(self) -> str:
        """Start a worker, and stay with it to the end. Returns how it was lost."""
        try:
            self._worker = await self._supervisor.start(self.number)
        except OSError as error:
            self._is_renewal_due.clear()
            self._settle(was_replaced=False)
            return str(error)
        return await self._watch()

    async def _watch(self) -> str:
        """Stay with the worker, and with those who replace it, to the end. Returns how the last one ended."""
        while True:
            assert self._worker is not None
            worker, successor = self._worker, self._successor
            what = await _first(
                leaving=self._is_leaving.wait(),
                ended=worker.ended(),
                hung=worker.hung(),
                renewal=successor.ready() if successor else self._is_renewal_due.wait(),
            )
            self._had_ready |= worker.is_ready
            if what == "leaving":
                return await self._end_all(worker, successor)
            if what == "renewal":
                if successor:
                    self._replace(worker, successor)
                else:
                    await self._start_successor()
                continue
            how = await _loss_of(worker, what)
            if successor in {None, worker}:
                self._settle(was_replaced=False)
                return how
            logger.warning("Worker %s (%s); its replacement is being started already", self.number, how)
            self._worker = successor

    async def _start_successor(self) -> None:
        self._is_renewal_due.clear()
        try:
            self._successor = await self._supervisor.start(self.number)
        except OSError as error:
            logger.error("Worker %s: %s", self.number, error)  # noqa: TRY400 - no fault here
            self._settle(was_replaced=False)
            return
        self._slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._say_slow)

    def _replace(self, worker: Worker, successor: Worker) -> None:
        """Let the worker end, because its successor serves; or that one, because it could not start."""
        if not successor.is_ready:
            self._dismiss(successor)
            self._settle(was_replaced=False)
            return
        self._worker = successor
        if worker is successor:
            self._settle(was_replaced=True)
            return
        self._stop_waiting()
        worker.replace()
        self._dismiss(worker).add_done_callback(lambda _: self._settle(was_replaced=True))

    def _dismiss(self, worker: Worker) -> asyncio.Task[None]:
        """Wait for the end of a worker beside all else: whoever has this seat is watched meanwhile."""
        ending = asyncio.create_task(self._end(worker))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        return ending

    def _settle(self, *, was_replaced: bool) -> None:
        """Tell who waits for a renewal how it went."""
        self._stop_waiting()
        if self._renewal is not None and not self._renewal.done():
            self._renewal.set_result(was_replaced)

    def _stop_waiting(self) -> None:
        self._successor = None
        if self._slow is not None:
            self._slow.cancel()

    async def _end_all(self, *workers: Worker | None) -> str:
        """End all who are here: all are told before one is waited for."""
        living = {worker for worker in workers if worker}
        for worker in living:
            worker.terminate()
        await asyncio.gather(*map(self._end, living))
        return "ended"

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


async def _loss_of(worker: Worker, what: str) -> str:
    """Wait for the end of a worker that has ended or hung, and return how it was lost."""
    if what == "hung":
        worker.kill()
    code = await worker.ended()
    return f"{worker.pid} " + ("hung, and was killed" if what == "hung" else _end_of(code))


def _end_of(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    return f"was killed by {signal.Signals(-code).name}"


def _now() -> float:
    return asyncio.get_running_loop().time()
