"""How a server ends: what it says first, and whom it lets in meanwhile."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from django.conf import settings

from vision_chat.server.serving import DrainingServer, seconds_to_end
from vision_chat.server.workers.lifeline import REPLACED, Lifeline
from vision_chat.services.replies.runner import Counts


class RecordingRuntime:
    """What a server tells its runtime."""

    def __init__(self) -> None:
        self.is_leaving = asyncio.Event()
        self.graces: list[float] = []
        self.runner = self
        self.running = 0

    def counts(self) -> Counts:
        return Counts(running=self.running, queued=0)

    def close_door(self, grace: float) -> None:
        self.graces.append(grace)


class Stage:
    """A server that serves nothing, on a port of its own."""

    def __init__(
        self, lifeline: Lifeline | None, shutdown_delay: float = 0.0, shutdown_grace: float = 2.0
    ) -> None:
        self.runtime = RecordingRuntime()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        config = replace(
            settings.VISION_CHAT, redis_url="", shutdown_delay=shutdown_delay, shutdown_grace=shutdown_grace
        )
        prepared = uvicorn.Config(self._application, interface="asgi3", lifespan="on", log_config=None)
        self.server = DrainingServer(prepared, config, lifeline)
        self.serving = asyncio.create_task(self.server.serve([self._listener]))

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        scope["state"]["runtime"] = self.runtime
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        self._listener.close()

    async def lets_in(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(*self._address[:2])
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


@asynccontextmanager
async def staged(lifeline: Lifeline | None = None, **times: float) -> AsyncIterator[Stage]:
    stage = Stage(lifeline, **times)
    async with asyncio.timeout(20):
        while not stage.server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0)
        yield stage
        if not stage.serving.done():
            stage.serving.cancel()
        await asyncio.gather(stage.serving, return_exceptions=True)
    stage.close()


async def test_the_door_is_closed_with_the_grace_of_the_settings() -> None:
    async with staged() as stage:
        assert await stage.lets_in()
        stage.server.should_exit = True
        await stage.serving

        assert stage.runtime.is_leaving.is_set()
        assert stage.runtime.graces == [2.0]
        assert not await stage.lets_in()


async def test_pages_stay_connected_while_replies_end_that_nobody_else_shows() -> None:
    async with staged() as stage:
        stage.runtime.running = 1
        stage.server.should_exit = True
        async with asyncio.timeout(20):
            while not stage.runtime.graces:  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0)
        assert await stage.lets_in()

        stage.runtime.running = 0
        await stage.serving
        assert not await stage.lets_in()


async def test_replies_that_do_not_end_have_the_grace_and_no_more() -> None:
    async with staged(shutdown_grace=0.01) as stage:
        stage.runtime.running = 1
        stage.server.should_exit = True
        await stage.serving


async def test_the_log_says_when_each_part_of_the_end_begins(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "vision_chat")
    async with staged() as stage:
        stage.server.should_exit = True
        await stage.serving

    assert [record.getMessage() for record in caplog.records] == [
        "Told to end; /readyz answers 503",
        "No new turns; running replies: 0, which have 2 s to end",
        "All that ran has ended or is saved",
    ]


async def test_a_reload_that_one_process_cannot_do_is_said_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with staged() as stage:
        signal.raise_signal(signal.SIGHUP)
        async with asyncio.timeout(20):
            while not caplog.records:  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0)

        assert "SIGHUP is ignored" in caplog.text
        assert not stage.server.should_exit


async def test_before_that_a_load_balancer_has_time_to_notice() -> None:
    async with staged(shutdown_delay=1000) as stage:
        stage.server.should_exit = True
        await stage.runtime.is_leaving.wait()

        assert await stage.lets_in()
        assert stage.runtime.graces == []


async def test_a_worker_that_was_replaced_ends_at_once() -> None:
    own, its = socket.socketpair()
    own.setblocking(False)
    async with staged(shutdown_delay=1000, lifeline=Lifeline(its)) as stage:
        with own:
            await asyncio.get_running_loop().sock_sendall(own, REPLACED)
            await stage.serving

        assert stage.runtime.graces == [2.0]


@pytest.mark.parametrize(("grace", "seconds"), [(0.0, 5), (60.0, 60)])
def test_requests_have_some_time_also_without_grace(grace: float, seconds: float) -> None:
    assert seconds_to_end(replace(settings.VISION_CHAT, shutdown_grace=grace)) == seconds
