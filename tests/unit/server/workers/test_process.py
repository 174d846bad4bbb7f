"""Workers that are real processes, of a program that is none of ours."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from vision_chat.server.workers import process
from vision_chat.server.workers.process import Starter, Worker

READY = """
import os, signal, socket, sys
port, lifeline = map(int, sys.argv[-2:])
lifeline = socket.socket(fileno=lifeline)
lifeline.send(b"." if socket.socket(fileno=port).getsockname() else b"")
lifeline.send(os.environ["WORKER_NUMBER"].encode())
"""
UNTIL_REPLACED = f"{READY}\nsys.exit(7 if lifeline.recv(1) == b'r' else 8)"
UNTIL_KILLED = f"{READY}\nsignal.pause()"
AT_ONCE = "import sys; sys.exit(5)"

StartOne = Callable[[str], Awaitable[Worker]]


@pytest.fixture
async def start() -> AsyncIterator[StartOne]:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        async def start_one(program: str) -> Worker:
            worker = await Starter(["-c", program], listener)(3)
            stack.push_async_callback(worker.ended)
            stack.callback(worker.kill)
            return worker

        yield start_one


async def test_a_worker_has_the_port_its_number_and_a_lifeline_to_its_supervisor(start: StartOne) -> None:
    worker = await start(UNTIL_REPLACED)
    assert not worker.is_ready
    await worker.ready()
    assert worker.is_ready
    worker.replace()

    assert await worker.ended() == 7


async def test_a_worker_that_ends_before_it_serves_is_not_ready(start: StartOne) -> None:
    worker = await start(AT_ONCE)
    await worker.ready()

    assert not worker.is_ready
    assert await worker.ended() == 5
    worker.terminate()
    worker.replace()


async def test_the_end_by_a_signal_is_told_by_its_number(start: StartOne) -> None:
    worker = await start(UNTIL_KILLED)
    await worker.ready()
    worker.terminate()

    assert await worker.ended() == -signal.SIGTERM


async def test_a_worker_that_shows_no_life_any_more_hangs(
    start: StartOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SILENCE_SECONDS", 0.01)
    worker = await start(UNTIL_KILLED)
    await worker.ready()
    async with asyncio.timeout(20):
        await worker.hung()


async def test_a_worker_that_the_system_cannot_start_leaves_nothing_open(
    start: StartOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(OSError):  # noqa: PT011 - whichever it is; an open socket would be a warning
        await start(AT_ONCE)
