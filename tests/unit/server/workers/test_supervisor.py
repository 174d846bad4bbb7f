"""What the supervisor does with its workers, which are played."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.support.server import PATIENCE
from vision_chat.server.workers.supervisor import FAILED, Supervisor


class PlayedWorker:
    """A worker that does what the test says. It ends when it is told to, unless it is stubborn."""

    def __init__(self, number: int, pid: int) -> None:
        self.number = number
        self.pid = pid
        self.told: list[str] = []
        self.is_stubborn = False
        self.is_forgotten = False
        """True once its supervisor has seen its end."""
        self._ready = asyncio.Event()
        self._hung = asyncio.Event()
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    @property
    def has_ended(self) -> bool:
        return self._code.done()

    async def ready(self) -> None:
        being_ready: asyncio.Future[Any] = asyncio.create_task(self._ready.wait())
        ending: asyncio.Future[Any] = self._code
        await asyncio.wait({being_ready, ending}, return_when=asyncio.FIRST_COMPLETED)
        being_ready.cancel()

    async def hung(self) -> None:
        await self._hung.wait()

    async def ended(self) -> int:
        code = await asyncio.shield(self._code)
        self.is_forgotten = True
        return code

    def replace(self) -> None:
        self._tell("replace")

    def terminate(self) -> None:
        self._tell("terminate")

    def kill(self) -> None:
        self.told.append("kill")
        self.end(-signal.SIGKILL)

    def _tell(self, word: str) -> None:
        self.told.append(word)
        if not self.is_stubborn:
            self.end(0)

    # what a test does

    def become_ready(self) -> None:
        self._ready.set()

    def hang(self) -> None:
        self._hung.set()

    def end(self, code: int) -> None:
        if not self._code.done():
            self._code.set_result(code)


class Stage:
    """A supervisor and all workers that it has started."""

    def __init__(self, count: int, patience: float) -> None:
        self.workers: list[PlayedWorker] = []
        self.closed = 0
        self.refusals = 0
        """Starts that the system is to refuse."""
        self.supervisor = Supervisor(count, self._start, patience, self._close)
        self.task = asyncio.create_task(self.supervisor.run())

    async def _start(self, number: int) -> PlayedWorker:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no room for a process")
        self.workers.append(PlayedWorker(number, 1000 + len(self.workers)))
        return self.workers[-1]

    def _close(self) -> None:
        self.closed += 1

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - the supervisor has no event for it
                await asyncio.sleep(0)

    async def started(self, count: int) -> PlayedWorker:
        """Wait until so many workers were started, and return the last one."""
        await self.until(lambda: len(self.workers) >= count)
        return self.workers[count - 1]

    async def replacing_a_stubborn_one(self) -> PlayedWorker:
        """Replace the only worker, which does not end; return its successor, which serves."""
        await self.serving(1)
        self.workers[0].is_stubborn = True
        self.supervisor.renew()
        successor = await self.started(2)
        successor.become_ready()
        await self.until(lambda: self.workers[0].told == ["replace"])
        return successor

    async def serving(self, count: int) -> None:
        await self.started(count)
        for worker in self.workers:
            worker.become_ready()

    async def end(self) -> int:
        self.supervisor.leave()
        async with asyncio.timeout(PATIENCE):
            return await self.task


@asynccontextmanager
async def staged(count: int = 2, patience: float = 5) -> AsyncIterator[Stage]:
    stage = Stage(count, patience)
    try:
        yield stage
    finally:
        for worker in stage.workers:
            worker.is_stubborn = False
            worker.end(0)
        await stage.end()


async def test_each_place_has_a_worker_and_all_end_together() -> None:
    async with staged() as stage:
        await stage.serving(2)
        assert [worker.number for worker in stage.workers] == [1, 2]

        assert await stage.end() == 0
        assert [worker.told for worker in stage.workers] == [["terminate"], ["terminate"]]
        assert stage.closed == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all(how: signal.Signals) -> None:
    async with staged() as stage:
        await stage.serving(2)
        os.kill(os.getpid(), how)

        async with asyncio.timeout(PATIENCE):
            assert await stage.task == 0


async def test_a_worker_that_dies_is_started_again_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.workers[1].end(-signal.SIGKILL)
        again = await stage.started(3)

        assert again.number == 2
        assert "Worker 2 (1001 was killed by SIGKILL); another one is started" in caplog.text
        assert stage.workers[0].told == []


async def test_one_that_dies_at_once_again_waits(caplog: pytest.LogCaptureFixture) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.workers[0].end(1)
        (await stage.started(3)).end(1)
        await stage.until(lambda: "(1002 ended with 1); another one is started in 1 s" in caplog.text)

        assert len(stage.workers) == 3
        assert await stage.end() == 0


async def test_where_no_worker_can_start_the_server_ends(caplog: pytest.LogCaptureFixture) -> None:
    async with staged() as stage:
        (await stage.started(2)).end(1)

        async with asyncio.timeout(PATIENCE):
            assert await stage.task == FAILED
        assert "No worker could start: 1001 ended with 1" in caplog.text
        assert stage.workers[0].told == ["terminate"]


async def test_a_worker_that_hangs_is_killed_and_replaced(caplog: pytest.LogCaptureFixture) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.workers[0].hang()
        await stage.started(3)

        assert stage.workers[0].told == ["kill"]
        assert "(1000 hung, and was killed)" in caplog.text


async def test_workers_are_replaced_one_by_one_and_each_serves_until_the_next_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with staged() as stage:
        await stage.serving(2)
        os.kill(os.getpid(), signal.SIGHUP)
        first, second = stage.workers
        first.is_stubborn = True  # it drains for a while
        successor = await stage.started(3)
        assert (successor.number, first.told) == (1, [])
        successor.become_ready()
        await stage.until(lambda: first.told == ["replace"])
        assert len(stage.workers) == 3
        first.end(0)
        last = await stage.started(4)
        assert (last.number, second.told) == (2, [])
        last.become_ready()
        await stage.until(lambda: "All workers were replaced" in caplog.text)

        assert second.told == ["replace"]
        assert successor.told == last.told == []


async def test_a_replacement_that_cannot_start_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.supervisor.renew()
        (await stage.started(3)).end(1)
        await stage.until(lambda: "The replacement of worker 1 could not start" in caplog.text)

        assert [worker.told for worker in stage.workers] == [[], [], []]
        stage.supervisor.renew()
        assert (await stage.started(4)).number == 1


@pytest.mark.parametrize("is_hung", [False, True])
async def test_a_worker_that_is_lost_while_it_is_replaced_is_followed_by_its_successor(
    is_hung: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with staged(count=1) as stage:
        await stage.serving(1)
        stage.supervisor.renew()
        successor = await stage.started(2)
        if is_hung:
            stage.workers[0].hang()
        else:
            stage.workers[0].end(-signal.SIGKILL)
        await stage.until(lambda: "its replacement is being started already" in caplog.text)
        assert "All workers were replaced" not in caplog.text
        successor.become_ready()
        await stage.until(lambda: "All workers were replaced" in caplog.text)

        assert stage.workers[0].told == (["kill"] if is_hung else [])
        assert await stage.end() == 0
        assert successor.told == ["terminate"]
        assert len(stage.workers) == 2


async def test_where_worker_and_successor_are_lost_another_one_is_started(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with staged(count=1) as stage:
        await stage.serving(1)
        stage.supervisor.renew()
        successor = await stage.started(2)
        stage.workers[0].end(1)
        await stage.until(lambda: "its replacement is being started already" in caplog.text)
        successor.end(1)
        await stage.started(3)

        assert "(1001 ended with 1); another one is started" in caplog.text
        await stage.until(lambda: "The replacement of worker 1 could not start" in caplog.text)


async def test_the_end_of_a_replacement_that_could_not_start_is_seen() -> None:
    async with staged(count=1) as stage:
        await stage.serving(1)
        stage.supervisor.renew()
        failed = await stage.started(2)
        failed.end(1)

        await stage.until(lambda: failed.is_forgotten)


async def test_a_successor_is_watched_while_its_predecessor_ends() -> None:
    async with staged(count=1) as stage:
        successor = await stage.replacing_a_stubborn_one()
        successor.end(1)

        await stage.started(3)


async def test_a_successor_is_told_to_end_before_its_predecessor_has_ended() -> None:
    async with staged(count=1) as stage:
        successor = await stage.replacing_a_stubborn_one()
        stage.supervisor.leave()
        await stage.until(lambda: successor.told == ["terminate"])

        assert not stage.workers[0].has_ended
        stage.workers[0].end(0)
        assert await stage.end() == 0


async def test_where_the_system_has_no_room_it_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.refusals = 1
        stage.workers[0].end(1)
        await stage.until(lambda: "another one is started in 1 s" in caplog.text)

        assert "Worker 1 (no room for a process)" in caplog.text
        stage.supervisor.renew()  # which ends the pause
        assert (await stage.started(3)).number == 1


async def test_a_replacement_for_which_there_is_no_room_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.refusals = 1
        stage.supervisor.renew()
        await stage.until(lambda: "The replacement of worker 1 could not start" in caplog.text)

        assert "no room for a process" in caplog.text
        assert [worker.told for worker in stage.workers] == [[], []]


async def test_the_end_comes_also_while_a_worker_is_replaced() -> None:
    async with staged() as stage:
        await stage.serving(2)
        stage.supervisor.renew()
        await stage.started(3)

        assert await stage.end() == 0
        assert all(worker.has_ended for worker in stage.workers)


async def test_a_worker_that_does_not_end_is_killed(caplog: pytest.LogCaptureFixture) -> None:
    async with staged(count=1, patience=0.01) as stage:
        await stage.serving(1)
        stage.workers[0].is_stubborn = True

        assert await stage.end() == 0
        assert stage.workers[0].told == ["terminate", "kill"]
        assert "did not end, and was killed" in caplog.text
