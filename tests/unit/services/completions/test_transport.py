import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable

import aiohttp
import httpx
import pytest

from tests.support.fake_endpoint import PATIENCE
from tests.support.listening import Ear
from tests.support.paths import DATA
from tests.support.raw_server import END, HEAD, Peer, RawServer, chunk
from vision_chat.services.completions.transport import Body, Transport

pytestmark = pytest.mark.each_loop


# of 127.0.0.1, signed by itself for a hundred years; nobody but these tests trusts it
CERTIFICATE = DATA / "localhost.pem"

plain_only = pytest.mark.parametrize(
    "server", ["plain"], indirect=True
)  # TLS knows no half-closed connection


@pytest.fixture(params=["plain", "tls"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[RawServer]:
    tls = None
    if request.param == "tls":
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(CERTIFICATE)
    async with RawServer(tls) as server:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=CERTIFICATE))
    async with Transport(aiohttp.ClientSession(connector=connector)) as transport:
        yield transport


async def call(transport: Transport, server: RawServer, answer: bytes) -> tuple[httpx.Response, Peer]:
    """The response to a request on a new connection, after `answer` came in one packet."""
    request = asyncio.create_task(transport.handle_async_request(httpx.Request("GET", server.url)))
    peer = await server.next_peer()
    await peer.take_request()
    peer.send(answer)
    return await request, peer


async def push(response: httpx.Response, hear: Callable[[str], None]) -> None:
    assert isinstance(response.stream, Body)
    try:
        async with asyncio.timeout(PATIENCE):  # pytest's own time-out does not reach into uvloop
            await response.stream.push(lambda data: hear(data.decode()))
    finally:
        await response.aclose()


def pushing(response: httpx.Response) -> tuple[Ear, "asyncio.Task[None]"]:
    """Who hears the body, and the task that goes on until its end."""
    said = Ear()
    return said, asyncio.create_task(push(response, said.hear))


async def test_a_piece_is_pushed_as_soon_as_it_is_sent(server: RawServer, transport: Transport) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n")
    said, task = pushing(response)
    for text in ("one", " two"):
        peer.send(chunk(text.encode()))
        assert await said.next_text() == text
    assert not task.done()
    peer.send(END)
    await task
    assert said.text == "one two"


async def test_what_comes_with_the_headers_is_not_lost(server: RawServer, transport: Transport) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"one"))
    said, task = pushing(response)
    assert await said.next_text() == "one"
    peer.send(chunk(b" two") + END)
    await task
    assert said.text == "one two"


async def test_a_body_that_comes_whole_with_the_headers_is_pushed(
    server: RawServer, transport: Transport
) -> None:
    response, _ = await call(transport, server, HEAD + b"\r\n" + chunk(b"one") + chunk(b" two") + END)
    said = Ear()
    await push(response, said.hear)
    assert said.text == "one two"


async def test_a_body_without_a_length_ends_with_the_connection(
    server: RawServer, transport: Transport
) -> None:
    response, peer = await call(transport, server, b"HTTP/1.1 200 OK\r\n\r\none")
    said, task = pushing(response)
    assert await said.next_text() == "one"
    peer.send(b" two")
    peer.close()
    await task
    assert said.text == "one two"


@pytest.mark.parametrize("end", [END, b"0\r\n", b""], ids=["whole", "torn end", "no end"])
async def test_more_than_is_read_at_once_comes_whole_and_in_order(
    server: RawServer, transport: Transport, end: bytes
) -> None:
    text = " ".join(map(str, range(300_000)))
    response, peer = await call(transport, server, HEAD + b"\r\n")
    said, task = pushing(response)
    peer.send(b"".join(chunk(text[at : at + 50].encode()) for at in range(0, len(text), 50)) + end)
    peer.close()
    if end == END:
        await task
    else:
        with pytest.raises(aiohttp.ClientPayloadError):
            await task
    assert said.text == text


async def test_a_compressed_body_is_pushed_as_text(server: RawServer, transport: Transport) -> None:
    head = HEAD + b"Content-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(b"one " * 100_000)
    response, peer = await call(transport, server, head + chunk(packed[:100]))
    assert "content-encoding" not in response.headers
    said, task = pushing(response)
    peer.send(chunk(packed[100:]) + END)
    await task
    assert said.text == "one " * 100_000


async def test_a_redirect_is_given_as_it_is(server: RawServer, transport: Transport) -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://other.invalid/\r\nContent-Length: 0\r\n\r\n"
    response, _ = await call(transport, server, moved)
    assert (response.status_code, response.headers["location"]) == (307, "http://other.invalid/")


@plain_only
async def test_a_connection_that_has_ended_before_the_push_still_gives_its_body(
    server: RawServer, transport: Transport
) -> None:
    response, peer = await call(transport, server, b"HTTP/1.1 200 OK\r\n\r\none")
    peer.send_eof()
    await peer.wait_closed()
    said = Ear()
    await push(response, said.hear)
    assert said.text == "one"


# Endings that are failures


async def test_what_was_said_before_a_cut_is_pushed_before_the_error(
    server: RawServer, transport: Transport
) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"Ha"))
    said, task = pushing(response)
    await said.next_text()
    peer.send(chunk(b"lf"))
    peer.close()
    with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
        await task
    assert said.text == "Half"


@pytest.mark.parametrize(
    ("header", "nonsense"),
    [(b"", b"no chunk\r\n"), (b"Content-Encoding: gzip\r\n", chunk(b"no gzip"))],
    ids=["chunk", "compression"],
)
async def test_nonsense_within_a_body_ends_it_at_once(
    server: RawServer, transport: Transport, header: bytes, nonsense: bytes
) -> None:
    response, peer = await call(transport, server, HEAD + header + b"\r\n")
    task = asyncio.create_task(push(response, Ear().hear))
    peer.send(nonsense)
    with pytest.raises(aiohttp.ClientPayloadError):
        await task
    await peer.wait_closed()


@plain_only
@pytest.mark.parametrize("end", [b"no chunk\r\n", b""], ids=["nonsense", "cut"])
async def test_a_body_that_has_failed_before_the_push_fails_it(
    server: RawServer, transport: Transport, end: bytes
) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n")
    peer.send(end)
    peer.send_eof()
    await peer.wait_closed()
    with pytest.raises(aiohttp.ClientPayloadError):
        await push(response, Ear().hear)


async def test_closing_the_transport_ends_a_push(server: RawServer, transport: Transport) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"Half"))
    said, task = pushing(response)
    await said.next_text()
    await transport.aclose()
    with pytest.raises(aiohttp.ClientPayloadError):
        await task
    await peer.wait_closed()


async def test_an_error_of_the_reader_ends_the_push_and_closes_the_connection(
    server: RawServer, transport: Transport
) -> None:
    def hear(text: str) -> None:
        said.hear(text)
        if text == "two":
            raise KeyError(text)

    said = Ear()
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"one"))
    task = asyncio.create_task(push(response, hear))
    await said.next_text()
    peer.send(chunk(b"two"))
    await said.next_text()
    peer.send(chunk(b"three"))
    with pytest.raises(KeyError, match="two"):
        await task
    await peer.wait_closed()
    assert said.text == "onetwo"


async def test_cancelling_the_push_closes_the_connection(server: RawServer, transport: Transport) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"one"))
    said, task = pushing(response)
    await said.next_text()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await peer.wait_closed()


# The connection


async def test_a_connection_is_used_again_after_a_push(server: RawServer, transport: Transport) -> None:
    response, peer = await call(transport, server, HEAD + b"\r\n" + chunk(b"one"))
    said, task = pushing(response)
    for text in ("two", "three"):
        await said.next_text()
        peer.send(END)
        await task
        request = asyncio.create_task(transport.handle_async_request(httpx.Request("GET", server.url)))
        await peer.take_request()
        peer.send(HEAD + b"\r\n" + chunk(text.encode()))
        task = asyncio.create_task(push(await request, said.hear))
    peer.send(END)
    await task
    assert said.text == "onetwothree"


async def test_the_connection_is_free_before_the_task_that_reads_wakes(
    server: RawServer, transport: Transport
) -> None:
    calls: list[asyncio.Task[httpx.Response]] = []

    def call_again(_: str) -> None:
        request = httpx.Request("GET", server.url)
        calls.append(asyncio.create_task(transport.handle_async_request(request)))

    response, peer = await call(transport, server, HEAD + b"\r\n")
    task = asyncio.create_task(push(response, call_again))
    peer.send(chunk(b"one") + END)
    await peer.take_request()
    peer.send(HEAD + b"\r\n" + chunk(b"two"))
    await task
    said = Ear()
    task = asyncio.create_task(push(await calls[0], said.hear))
    peer.send(END)
    await task
    assert said.text == "two"
