"""A scripted chat-completion endpoint over real HTTP, for tests of every level and for benchmarks.

In a test:      async with FakeEndpoint() as fake: fake.script(scenarios.error(429), scenarios.say("Hello"))
In a browser:   python -m tests.support.fake_endpoint --port 9999, and `[scenario: hang]` in the person's text

A scripted scenario comes first, then a marker in the last user text, then `fake.default`.
"""

import argparse
import asyncio
import re
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from tests.support import fake_scenarios as scenarios

MARKER: Final = re.compile(r"\[scenario:\s*(?P<name>[a-z_]+)(?P<options>[^\]]*)\]")
OPTION: Final = re.compile(r"(?P<name>[a-z_]+)=(?P<value>\S+)")
PATIENCE: Final = 20  # seconds; a test that waits longer has failed
CATALOGUE: Final = (
    {"id": "fake/vision", "aliases": ["fake-alias"], "capabilities": ["vision"]},
    {"id": "fake/text", "aliases": [], "capabilities": ["chat"]},
)


class Call:
    """One request to the endpoint, and the hands of the scenario on its answer."""

    def __init__(self, request: web.Request, body: dict[str, Any]) -> None:
        self.body = body
        self.path = request.raw_path
        self.headers: Mapping[str, str] = request.headers
        self.peer = request.transport.get_extra_info("peername") if request.transport else None
        self.model_name = str(body.get("model", ""))
        self.sent_at: list[float] = []  # time.monotonic() of each token: one clock for all processes
        self.closed = asyncio.Event()  # the client hung up before the answer had ended
        self.ended = asyncio.Event()
        self._request = request
        self._response = web.StreamResponse()
        self._permits = asyncio.Semaphore(0)

    # What a test does

    def release(self, tokens: int = 1) -> None:
        """Let a `step` scenario send that many more tokens."""
        for _ in range(tokens):
            self._permits.release()

    async def wait_closed(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.closed.wait()

    async def wait_ended(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.ended.wait()

    # What a scenario does

    async def start(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self._response.set_status(status)
        self._response.headers.update({"Content-Type": "text/event-stream", **(headers or {})})
        if "Content-Length" not in self._response.headers:
            self._response.enable_chunked_encoding()
        await self._response.prepare(self._request)

    async def send(self, data: bytes) -> None:
        await self._response.write(data)

    async def send_token(self, frame: bytes) -> None:
        await self._response.write(frame)
        self.sent_at.append(time.monotonic())

    async def permit(self) -> None:
        await self._permits.acquire()

    async def pace(self, frames: Sequence[bytes], rate: float) -> None:
        """Write ready HTTP chunks at `rate` per second: one timer, no coroutine per token."""
        loop, transport = asyncio.get_running_loop(), self._request.transport
        assert transport is not None
        finished: asyncio.Future[None] = loop.create_future()
        begun = loop.time()
        timer: asyncio.Handle | None = None

        def tick(sent: int) -> None:
            nonlocal timer
            if sent == len(frames):
                finished.set_result(None)
                return
            transport.write(frames[sent])
            self.sent_at.append(time.monotonic())
            timer = loop.call_at(begun + (sent + 1) / rate, tick, sent + 1)

        tick(0)
        try:
            await finished
        finally:
            if timer is not None:
                timer.cancel()

    async def hang(self) -> None:
        await asyncio.Event().wait()

    def cut(self) -> None:
        """Break the connection, as a crashed server does; what was sent still arrives."""
        if self._request.transport is not None:  # else it is broken already
            self._request.transport.close()

    async def answer(self, scenario: "scenarios.Scenario") -> web.StreamResponse:
        try:
            await scenario(self)
            if self._response.prepared:
                await self._response.write_eof()
        except (asyncio.CancelledError, ConnectionError):
            self.closed.set()
            raise
        self.ended.set()
        return self._response


class FakeEndpoint:
    """Listens on a free port of this machine while it is entered."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.default: scenarios.Scenario = scenarios.say()
        self.catalogue: Sequence[Mapping[str, Any]] | None = CATALOGUE
        self.listed: list[str] = []
        """Paths, with queries, by which the catalogue was asked for."""
        self._port = port
        self._script: deque[scenarios.Scenario] = deque()
        self._new_calls: asyncio.Queue[Call] = asyncio.Queue()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def script(self, *planned: "scenarios.Scenario") -> None:
        """What the next requests get, in this order."""
        self._script.extend(planned)

    def forget(self) -> None:
        """Begin anew, for the next test on the same server."""
        self.calls.clear()
        self.forget_script()
        self._new_calls = asyncio.Queue()

    def forget_script(self) -> None:
        self._script.clear()

    async def next_call(self) -> Call:
        """The next request that nobody has been given yet."""
        async with asyncio.timeout(PATIENCE):
            return await self._new_calls.get()

    async def wait_closed(self) -> None:
        """Until the client has hung up on the latest call."""
        await self.calls[-1].wait_closed()

    def cut(self) -> None:
        """Break every connection on which an answer has not ended."""
        for call in self.calls:
            if not (call.closed.is_set() or call.ended.is_set()):
                call.cut()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/calls", self._list_calls)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        call = Call(request, await request.json())
        self.calls.append(call)
        self._new_calls.put_nowait(call)
        scenario = self._script.popleft() if self._script else marked(call.body) or self.default
        return await call.answer(scenario)

    async def _list_models(self, request: web.Request) -> web.Response:
        self.listed.append(request.raw_path)
        if self.catalogue is None:
            raise web.HTTPNotFound
        return web.json_response({"object": "list", "data": list(self.catalogue)})

    async def _list_calls(self, request: web.Request) -> web.Response:
        """For benchmarks in another process: when each token was sent."""
        return web.json_response(
            [
                {
                    "request_id": call.headers.get("X-Client-Request-Id"),
                    "sent_at": call.sent_at,
                    "closed": call.closed.is_set(),
                }
                for call in self.calls
            ]
        )


def marked(body: Mapping[str, Any]) -> "scenarios.Scenario | None":
    """The scenario which the last user text names, such as `[scenario: say tokens=300 rate=30]`."""
    found = MARKER.search(last_user_text(body))
    if found is None:
        return None
    factory: Callable[..., scenarios.Scenario] = scenarios.BY_NAME[found["name"]]
    return factory(
        **{option["name"]: _value(option["value"]) for option in OPTION.finditer(found["options"])}
    )


def last_user_text(body: Mapping[str, Any]) -> str:
    said = [message["content"] for message in body.get("messages", ()) if message.get("role") == "user"]
    if not said:
        return ""
    if isinstance(said[-1], str):
        return said[-1]
    return " ".join(part["text"] for part in said[-1] if part["type"] == "text")


def _value(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


@contextmanager
def refusing_base_url() -> Iterator[str]:
    """An address of this machine where nobody listens, and nobody can begin to."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1"


async def serve(port: int) -> None:
    async with FakeEndpoint(port) as fake:
        print(fake.base_url, flush=True)  # noqa: T201 - whoever started this process reads it
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
