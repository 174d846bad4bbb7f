"""The bytes of an answer and the packets in which they come, over plain and encrypted connections."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.fake_endpoint import PATIENCE
from tests.support.paths import DATA
from tests.support.raw_server import END, HEAD, Peer, RawServer, chunk
from tests.support.reading import Received, endpoint_at, receive
from vision_chat.demo.framing import DONE, Framing, event
from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyFailedError,
    ReplyLostError,
    TokenTimeoutError,
)
from vision_chat.services.completions._requests import CHARACTERS_PER_TOKEN, SPARE_CHARACTERS
from vision_chat.services.completions.chunks import MAX_IDLE_BYTES
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.ends import TOO_LONG
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.retries import Retries
from vision_chat.services.completions.timeouts import Timeouts

pytestmark = pytest.mark.each_loop

# of 127.0.0.1, signed by itself for a hundred years; nobody but these tests trusts it
CERTIFICATE = DATA / "localhost.pem"

FRAMING = Framing("1", "m")
LAST = FRAMING.finish() + DONE


@pytest.fixture(params=["plain", "tls"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[RawServer]:
    tls = None
    if request.param == "tls":
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(CERTIFICATE)
    async with RawServer(tls) as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[CompletionClient]:
    context = ssl.create_default_context(cafile=CERTIFICATE)
    async with CompletionClient(context=context, retries=Retries(attempts=1)) as client:
        yield client


class Call:
    """One completion that is read, the text of it so far, and the server's end of its connection."""

    def __init__(self, client: CompletionClient, server: RawServer, **options: Any) -> None:
        self.received = Received()
        self.task = asyncio.create_task(receive(client, endpoint_at(server.url), self.received, **options))
        self._server = server

    async def answer(self, data: bytes, peer: Peer | None = None) -> Peer:
        """Send the beginning of the answer in one packet, on a new connection unless one is given."""
        peer = peer or await self._server.next_peer()
        await peer.take_request()
        peer.send(data)
        return peer

    async def fail(self) -> CompletionError:
        with pytest.raises(CompletionError) as caught:
            await self.end()
        return caught.value

    async def end(self) -> None:
        async with asyncio.timeout(PATIENCE):  # pytest's own time-out does not reach into uvloop
            await self.task


def say(text: str) -> bytes:
    return chunk(FRAMING.delta(text))


async def test_text_is_given_as_soon_as_it_is_sent(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server)
    peer = await call.answer(HEAD + b"\r\n")
    for text in ("one", " two"):
        peer.send(say(text))
        assert await call.received.next_text() == text
    assert not call.task.done()
    peer.send(chunk(LAST) + END)
    await call.end()
    assert call.received.text == "one two"


async def test_text_that_comes_with_the_headers_is_not_lost(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server)
    peer = await call.answer(HEAD + b"\r\n" + say("one"))
    assert await call.received.next_text() == "one"
    peer.send(say(" two") + chunk(LAST) + END)
    await call.end()
    assert call.received.text == "one two"


async def test_an_answer_in_one_packet_is_read(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server)
    await call.answer(HEAD + b"\r\n" + say("one") + say(" two") + chunk(LAST) + END)
    await call.end()
    assert call.received.text == "one two"


async def test_an_answer_cut_between_any_two_bytes_is_the_same(
    server: RawServer, client: CompletionClient
) -> None:
    body = say("Grüße 🖼️") + chunk(LAST) + END
    peer = None
    for cut in range(1, len(body)):
        call = Call(client, server)
        peer = await call.answer(HEAD + b"\r\n" + body[:cut], peer)
        await asyncio.sleep(0)
        peer.send(body[cut:])
        await call.end()
        assert call.received.text == "Grüße 🖼️", cut


async def test_an_answer_without_a_length_ends_with_the_connection(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server)
    peer = await call.answer(b"HTTP/1.1 200 OK\r\n\r\n" + FRAMING.delta("one"))
    assert await call.received.next_text() == "one"
    peer.send(FRAMING.delta(" two") + LAST)
    peer.close()
    await call.end()
    assert call.received.text == "one two"


async def test_a_long_answer_at_once_comes_whole_and_in_order(
    server: RawServer, client: CompletionClient
) -> None:
    texts = [f"{number} " for number in range(5_000)]
    call = Call(client, server, parameters=Parameters(max_tokens=5_000))
    await call.answer(HEAD + b"\r\n" + b"".join(map(say, texts)) + chunk(LAST) + END)
    await call.end()
    assert call.received.text == "".join(texts)


@pytest.mark.parametrize("cut", [1, 100, 2000])
async def test_a_compressed_answer_is_read(server: RawServer, client: CompletionClient, cut: int) -> None:
    packed = gzip.compress(b"".join([FRAMING.delta(f"{number} ") for number in range(2000)]) + LAST)
    call = Call(client, server)
    peer = await call.answer(HEAD + b"Content-Encoding: gzip\r\n\r\n" + chunk(packed[:cut]))
    peer.send(chunk(packed[cut:]) + END)
    await call.end()
    assert call.received.text == "".join([f"{number} " for number in range(2000)])


# What must not travel


async def test_a_redirect_is_not_followed(server: RawServer, client: CompletionClient) -> None:
    location = server.url.encode()
    call = Call(client, server)
    await call.answer(b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
    assert type(await call.fail()) is NotACompletionError
    assert server.new_peers == 0


@pytest.mark.parametrize("location", [b"http://[", b"http://host:port/", b"\xff"])
async def test_a_redirect_to_nowhere_is_no_completion(
    server: RawServer, client: CompletionClient, location: bytes
) -> None:
    call = Call(client, server)
    await call.answer(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
    assert type(await call.fail()) is NotACompletionError


async def test_a_cookie_is_not_sent_back(client: CompletionClient) -> None:
    async with RawServer(name="localhost") as server:  # cookies are not kept for bare numbers anyway
        call = Call(client, server)
        peer = await call.answer(HEAD + b"Set-Cookie: id=7; Path=/\r\n\r\n" + say("one") + chunk(LAST) + END)
        await call.end()
        call = Call(client, server)
        assert b"cookie" not in (await peer.take_request()).lower()
        peer.send(HEAD + b"\r\n" + say("two") + chunk(LAST) + END)
        await call.end()


# Endings that are failures


async def test_text_before_a_cut_is_given_before_the_error(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server)
    peer = await call.answer(HEAD + b"\r\n" + say("Ha"))
    await call.received.next_text()
    peer.send(say("lf"))
    await call.received.next_text()
    peer.close()
    assert type(await call.fail()) is ReplyLostError
    assert call.received.text == "Half"


async def test_a_malformed_chunk_closes_the_connection_and_is_silence(
    server: RawServer, client: CompletionClient
) -> None:
    """aiohttp does not wake the task that reads (docs/decisions/0009)."""
    call = Call(client, server, timeouts=Timeouts(between_tokens=0.05))
    peer = await call.answer(HEAD + b"\r\n" + say("Half"))
    await call.received.next_text()
    peer.send(b"no chunk\r\n")
    assert type(await call.fail()) is TokenTimeoutError
    assert call.received.text == "Half"
    await peer.wait_closed()


async def test_malformed_compression_ends_the_answer_at_once(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server)
    peer = await call.answer(HEAD + b"Content-Encoding: gzip\r\n\r\n" + chunk(b"no gzip"))
    assert type(await call.fail()) is ReplyLostError
    await peer.wait_closed()


async def test_cancelling_the_task_closes_the_connection(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server)
    peer = await call.answer(HEAD + b"\r\n" + say("one"))
    await call.received.next_text()
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    await peer.wait_closed()


# The connection


async def test_a_connection_is_used_again(server: RawServer, client: CompletionClient) -> None:
    peer = None
    for text in ("one", "two", "three"):
        call = Call(client, server)
        peer = await call.answer(HEAD + b"\r\n" + say(text) + chunk(LAST) + END, peer)
        await call.end()
        assert call.received.text == text


# Answers without an end


async def test_an_answer_that_does_not_end_is_ended_and_kept(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server, parameters=Parameters(max_tokens=1))
    limit = CHARACTERS_PER_TOKEN + SPARE_CHARACTERS
    peer = await call.answer(HEAD + b"\r\n" + say("so " * limit))
    await call.end()
    assert call.received.text == ("so " * limit)[:limit]
    assert call.task.result().finish_reason == TOO_LONG
    await peer.wait_closed()


async def test_thoughts_without_an_end_are_ended_too(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server, parameters=Parameters(max_tokens=1))
    delta = {"choices": [{"delta": {"reasoning": "so " * 9000}}]}
    await call.answer(HEAD + b"\r\n" + chunk(event(delta)))
    await call.end()
    assert len(call.received.thoughts) == CHARACTERS_PER_TOKEN + SPARE_CHARACTERS


COMMENT = b":" + b"x" * 62 + b"\n"
FLOOD = COMMENT * (2 * MAX_IDLE_BYTES // len(COMMENT))


async def test_a_flood_without_a_word_is_ended(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server)
    await call.answer(HEAD + b"\r\n" + say("Half") + chunk(FLOOD))
    error = await call.fail()
    assert type(error) is ReplyFailedError
    assert "without a word" in error.detail
    assert call.received.text == "Half"


async def test_a_flood_after_the_last_word_changes_nothing(
    server: RawServer, client: CompletionClient
) -> None:
    call = Call(client, server)
    await call.answer(HEAD + b"\r\n" + say("All") + chunk(FRAMING.finish()) + chunk(FLOOD))
    await call.end()
    assert call.received.text == "All"


async def test_a_whole_answer_before_a_cut_is_whole(server: RawServer, client: CompletionClient) -> None:
    call = Call(client, server)
    message = {"choices": [{"message": {"content": " of it"}, "finish_reason": "stop"}]}
    peer = await call.answer(HEAD + b"\r\n" + say("All") + chunk(event(message).strip()))
    await call.received.next_text()
    peer.close()
    await call.end()
    assert call.received.text == "All of it"
