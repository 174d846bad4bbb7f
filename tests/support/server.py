"""The real server for tests: uvicorn in a thread, the scripted endpoint beside it, real sockets.

Tests stay synchronous and may use the ORM; what runs on the server's loop is reached through `call`.
"""

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import uvicorn
from django.conf import settings
from django.db import connections
from django.test import override_settings

from tests.support import neighbour
from tests.support.fake_endpoint import Call, FakeEndpoint
from vision_chat.commands import MAX_FRAME_BYTES
from vision_chat.server.runtime import Runtime
from vision_chat.services.site.identity import site_id

Result = TypeVar("Result")
PATIENCE = 20
"""Seconds after which a test that still waits has failed."""
PATIENCE_MS = PATIENCE * 1000


class Addresses:
    """The ports at which servers of one site listen: for each socket and each request the next one, as behind
    a load balancer. The first socket is taken by the first server, the first request by the last.
    """

    def __init__(self, *ports: int) -> None:
        self._ports = ports
        self.sockets = itertools.cycle(ports)
        self.requests = itertools.cycle(reversed(ports))

    def __len__(self) -> int:
        return len(self._ports)


class Server:
    """One server with its endpoint; `runtime` is what its lifespan made."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fake: FakeEndpoint) -> None:
        self.fake = fake
        self.port = 0
        self.addresses = Addresses(0)
        self._loop = loop
        self._uvicorn: uvicorn.Server | None = None
        self._serving: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runtime(self) -> Runtime:
        assert self._uvicorn is not None
        runtime: Runtime = self._uvicorn.lifespan.state["runtime"]
        return runtime

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run on the server's loop and wait."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def now(self, function: Callable[..., Result], *args: Any) -> Result:
        """Call a plain function on the server's loop and wait."""

        async def on_the_loop() -> Result:
            return function(*args)

        return self.call(on_the_loop())

    def next_call(self) -> "EndpointCall":
        """The next request that reaches the endpoint."""
        return EndpointCall(self, self.call(self.fake.next_call()))

    def wait_for_calls(self, count: int) -> "list[EndpointCall]":
        """Return all requests that have reached the endpoint, once there are so many."""
        until(lambda: len(self.fake.calls) >= count)
        return [EndpointCall(self, call) for call in self.fake.calls]

    def start(self) -> None:
        from chatsite.asgi import application  # noqa: PLC0415 - after the test's settings
        from vision_chat.server.protocols import GuardedHttp, GuardedSocket  # noqa: PLC0415 - the same

        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.addresses = Addresses(self.port)
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                application,
                http=GuardedHttp,
                ws=GuardedSocket,
                ws_max_size=MAX_FRAME_BYTES,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._serving = asyncio.run_coroutine_threadsafe(self._uvicorn.serve([listener]), self._loop)
        self.call(self._until(lambda: bool(self._uvicorn and self._uvicorn.started)))

    def open_connections(self) -> int:
        """Count the connections of browsers that have not been lost yet."""
        assert self._uvicorn is not None
        return len(self._uvicorn.server_state.connections)

    def stop(self) -> None:
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True
            self._serving.result(PATIENCE)
            self._uvicorn = None

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what the server does by itself. Asks on the caller's thread, so it may use the ORM."""
        until(holds)


class TwoServers(Server):
    """A server of this process, which `runtime` and `call` are about, and one that runs in another."""

    def start(self) -> None:
        site_id.cache_clear()  # the one of an earlier test went with its rows
        other = neighbour.neighbour()
        other.begin_to_start()
        try:
            super().start()
        finally:
            port = other.started()
        self.addresses = Addresses(self.port, port)

    def open_connections(self) -> int:
        return super().open_connections() + neighbour.neighbour().open_connections()

    def stop(self) -> None:
        if self._uvicorn is None:
            return
        neighbour.neighbour().begin_to_stop()
        super().stop()
        neighbour.neighbour().stopped()


class EndpointCall:
    """A `Call` of the fake endpoint, from the test's thread."""

    def __init__(self, server: Server, call: Call) -> None:
        self._server = server
        self._call = call
        self.body = call.body
        self.headers = call.headers

    def release(self, tokens: int = 1) -> None:
        self._server.now(self._call.release, tokens)

    def wait_closed(self) -> None:
        """Until the server has hung up."""
        self._server.call(self._call.wait_closed())

    def wait_ended(self) -> None:
        self._server.call(self._call.wait_ended())


def until(holds: Callable[[], bool]) -> None:
    """Wait until this holds."""
    deadline = threading.Event()
    for _ in range(PATIENCE * 50):
        if holds():
            return
        deadline.wait(0.02)
    raise AssertionError("what the test waits for did not happen")


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="server", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_finish(loop), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _finish(loop: asyncio.AbstractEventLoop) -> None:
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


@contextmanager
def running_server(kind: type[Server] | None = None, /, **overrides: Any) -> Iterator[Server]:
    """A server against the fake endpoint; `overrides` are fields of Config.

    It is two where TEST_SERVERS says so, unless the `kind` says otherwise.
    """
    may_be_two = replace(settings.VISION_CHAT, **overrides).has_many_processes
    kind = kind or (TwoServers if may_be_two and neighbour.count() > 1 else Server)
    with running_endpoint(kind) as server, ExitStack() as stack:
        values: dict[str, Any] = {
            "endpoint_base_url": server.fake.base_url,
            "model_name": "fake/vision",
            "demo": False,
            "shutdown_grace": 0.0,
        }
        config = replace(settings.VISION_CHAT, **(values | overrides))
        stack.enter_context(override_settings(VISION_CHAT=config))
        server.start()
        stack.callback(server.stop)
        yield server
    connections.close_all()


@contextmanager
def running_endpoint(kind: type[Server] = Server) -> Iterator[Server]:
    """A server that is not started, with its endpoint, which is: for tests of programs."""
    with ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        fake = FakeEndpoint()
        asyncio.run_coroutine_threadsafe(fake.__aenter__(), loop).result(PATIENCE)
        stack.callback(lambda: asyncio.run_coroutine_threadsafe(_leave(fake), loop).result(PATIENCE))
        yield kind(loop, fake)


@contextmanager
def running_fake() -> Iterator[FakeEndpoint]:
    """The scripted endpoint on a loop of its own, for tests that are synchronous."""
    with running_loop() as loop:
        fake = FakeEndpoint()
        asyncio.run_coroutine_threadsafe(fake.__aenter__(), loop).result(PATIENCE)
        try:
            yield fake
        finally:
            asyncio.run_coroutine_threadsafe(_leave(fake), loop).result(PATIENCE)


async def _leave(fake: FakeEndpoint) -> None:
    await fake.__aexit__(None, None, None)
