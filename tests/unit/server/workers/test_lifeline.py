"""What a worker says to its supervisor, and hears."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.support.server import PATIENCE
from vision_chat.server.workers.lifeline import ALIVE, REPLACED, Lifeline


class Stage:
    """A lifeline whose worker serves, and the supervisor's end of it."""

    def __init__(self, own: socket.socket, its: socket.socket) -> None:
        self.own = own
        self.is_to_leave = asyncio.Event()
        self.running = asyncio.create_task(Lifeline(its).run(self.is_to_leave.set))


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    own, its = socket.socketpair()
    own.setblocking(False)
    with own:
        stage = Stage(own, its)
        yield stage
        stage.running.cancel()
        with suppress(asyncio.CancelledError):
            await stage.running


async def test_a_worker_shows_life(stage: Stage) -> None:
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.get_running_loop().sock_recv(stage.own, 1) == ALIVE
    assert not stage.is_to_leave.is_set()


async def test_a_worker_that_was_replaced_is_to_leave_and_shows_life_meanwhile(stage: Stage) -> None:
    await asyncio.get_running_loop().sock_sendall(stage.own, REPLACED)
    async with asyncio.timeout(PATIENCE):
        await stage.is_to_leave.wait()

    assert not stage.running.done()


async def test_a_worker_whose_supervisor_has_died_is_to_leave(stage: Stage) -> None:
    stage.own.close()
    async with asyncio.timeout(PATIENCE):
        await stage.is_to_leave.wait()
