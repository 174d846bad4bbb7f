"""What a worker says to its supervisor, and hears."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from vision_chat.server.workers.link import ALIVE, REPLACED, SupervisorLink


class Line:
    """A link that runs, and the supervisor's end of it."""

    def __init__(self, own: socket.socket, its: socket.socket) -> None:
        self.own = own
        self.is_to_leave = asyncio.Event()
        self.running = asyncio.create_task(SupervisorLink(its).run(self.is_to_leave.set))


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    own, its = socket.socketpair()
    own.setblocking(False)
    with own:
        line = Line(own, its)
        yield line
        line.running.cancel()
        with suppress(asyncio.CancelledError):
            await line.running


async def test_a_worker_shows_life(line: Line) -> None:
    async with asyncio.timeout(5):
        assert await asyncio.get_running_loop().sock_recv(line.own, 1) == ALIVE
    assert not line.is_to_leave.is_set()


async def test_a_worker_that_was_replaced_is_to_leave_and_shows_life_meanwhile(line: Line) -> None:
    await asyncio.get_running_loop().sock_sendall(line.own, REPLACED)
    async with asyncio.timeout(5):
        await line.is_to_leave.wait()

    assert not line.running.done()


async def test_a_worker_whose_supervisor_has_died_is_to_leave(line: Line) -> None:
    line.own.close()
    async with asyncio.timeout(5):
        await line.is_to_leave.wait()
