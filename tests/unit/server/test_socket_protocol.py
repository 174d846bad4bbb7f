"""Sockets over a real server: what the application sends comes whole and in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.utils import ClientDisconnected
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from tests.support.fake_endpoint import PATIENCE
from vision_chat.server.socket_protocol import SocketProtocol, text_frame

Send = Callable[[dict[str, Any]], Awaitable[None]]
Talk = Callable[["Line"], Awaitable[None]]


class Line:
    """The application's end of one socket, open."""

    def __init__(self, receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
        self.receive, self._send = receive, send

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self._send({"type": "websocket.send", "bytes": None, "text": text})

    async def say_bytes(self, data: bytes) -> None:
        await self._send({"type": "websocket.send", "bytes": data})

    async def close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[tuple[ClientConnection, uvicorn.Server]]:
    """A client of a server whose application does `talk` on each socket. Raises what that has raised."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            try:
                await talk(Line(receive, send))
            except BaseException as error:
                failures.append(error)
                raise

    failures: list[BaseException] = []
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, ws=SocketProtocol, ws_per_message_deflate=False, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    address = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
    try:
        async with (
            asyncio.timeout(PATIENCE),
            connect(address, compression=None, proxy=None, max_size=None) as client,
        ):
            yield client, server
    finally:
        server.should_exit = True
        await serving
    for failure in failures:
        raise failure


async def hear(client: ClientConnection) -> tuple[list[str | bytes], int | None]:
    """Everything up to the end, and the code with which it was closed."""
    heard: list[str | bytes] = []
    try:
        while True:
            heard.append(await client.recv())
    except ConnectionClosed as closed:
        return heard, closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_frame_of_any_size_is_read_by_another_implementation(size: int) -> None:
    reader = ClientProtocol(parse_uri("ws://host/"), state=OPEN, max_size=None)
    text = "ü" * (size // 2) + "a" * (size % 2)
    reader.receive_data(text_frame(text))
    (frame,) = reader.events_received()
    assert (frame.opcode, frame.fin, frame.data) == (Opcode.TEXT, True, text.encode())  # type: ignore[union-attr]


async def test_messages_come_in_the_order_in_which_they_were_sent() -> None:
    texts = [f"{number} " * number for number in range(300)]

    async def talk(line: Line) -> None:
        await line.say(*texts[:100])
        await line.say_bytes(b"between")
        await line.say(*texts[100:200])
        await asyncio.sleep(0)
        await line.say(*texts[200:])
        await line.close(4000)

    async with talking(talk) as (client, _):
        heard, code = await hear(client)

    assert heard == [*texts[:100], b"between", *texts[100:]]
    assert code == 4000


async def test_more_than_a_slow_reader_takes_waits_at_its_sender_and_comes_later() -> None:
    texts = [f"{number:06}" * 10_000 for number in range(500)]

    async def talk(line: Line) -> None:
        await line.say(texts[0])
        has_begun.set()
        await line.say(*texts[1:])
        has_ended.set()
        await line.close(1000)

    has_begun, has_ended = asyncio.Event(), asyncio.Event()
    async with talking(talk) as (client, _):
        await has_begun.wait()
        assert not has_ended.is_set()
        heard, _ = await hear(client)

    assert heard == texts


async def test_the_last_words_of_an_application_come_before_its_end() -> None:
    async def talk(line: Line) -> None:
        await line.say("last words")

    async with talking(talk) as (client, _):
        heard, _ = await hear(client)

    assert heard == ["last words"]


async def test_what_was_said_before_the_server_stops_still_comes() -> None:
    async def talk(line: Line) -> None:
        await line.receive()
        await line.say("last words")
        stop()
        await line.receive()

    def stop() -> None:
        for connection in list(server.server_state.connections):
            connection.shutdown()

    async with talking(talk) as (client, server):
        await client.send("Stop")
        heard, code = await hear(client)

    assert (heard, code) == (["last words"], 1012)


@pytest.mark.parametrize("is_polite", [True, False], ids=["closed", "torn"])
def test_to_a_page_that_has_gone_nothing_can_be_said(
    is_polite: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async def talk(line: Line) -> None:
            await line.say("Hello")
            while (await line.receive())["type"] != "websocket.disconnect":
                pass
            with pytest.raises(ClientDisconnected):
                await line.say("Anybody there?")
            ended.set()

        ended = asyncio.Event()
        async with talking(talk) as (client, _):
            assert await client.recv() == "Hello"
            if is_polite:
                await client.close()
            else:
                client.transport.abort()
            await ended.wait()

    uvloop.run(scenario())
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_after_its_own_close_the_application_can_say_nothing() -> None:
    async def talk(line: Line) -> None:
        await line.close(4000)
        with pytest.raises(RuntimeError, match="after sending"):
            await line.say("One more thing")

    async with talking(talk) as (client, _):
        assert await hear(client) == ([], 4000)
