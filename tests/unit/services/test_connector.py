"""Heads of responses that have no end, and long ones that have."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.support.raw_server import END, HEAD, Peer, RawServer, chunk
from tests.support.reading import Received, endpoint_at, receive
from vision_chat.demo.framing import DONE, Framing
from vision_chat.errors.completions import CompletionError, NotACompletionError, ReplyLostError
from vision_chat.services.completions._body import PIECE_BYTES
from vision_chat.services.completions._connections import http_client
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.retries import Retries
from vision_chat.services.connector import MAX_HEAD_BYTES, MAX_OVERHEAD_BYTES

pytestmark = pytest.mark.each_loop

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
FRAMING = Framing("1", "m")
ANSWER = chunk(FRAMING.delta("All of it")) + chunk(FRAMING.finish() + DONE) + END


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[CompletionClient]:
    async with CompletionClient(retries=Retries(attempts=1)) as client:
        yield client


async def read(
    client: CompletionClient, server: RawServer, packets: Sequence[bytes], peer: Peer | None = None
) -> tuple[str, Peer]:
    """Ask, and answer with these packets, on a new connection unless one is given."""
    received = Received()
    task = asyncio.create_task(receive(client, endpoint_at(server.url), received))
    peer = peer or await server.next_peer()
    await peer.take_request()
    for packet in packets:
        peer.send(packet)
        await asyncio.sleep(0)
    await task
    return received.text, peer


def filled(size: int) -> bytes:
    """A head with fields of so many bytes."""
    return HEAD + b"X-Fill: " + b"a" * 4000 + b"\r\n" + (b"X-More: " + b"a" * 990 + b"\r\n") * (size // 1000)


@pytest.mark.parametrize("line", [HINTS, b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["hints", "continue"])
async def test_informational_responses_without_end_are_no_completion(
    server: RawServer, client: CompletionClient, line: bytes
) -> None:
    with pytest.raises(NotACompletionError) as caught:
        await read(client, server, [line * (3 * MAX_HEAD_BYTES // len(line))])
    assert "hardly anything but its frame" in caught.value.detail


async def test_some_informational_responses_before_an_answer_change_nothing(
    server: RawServer, client: CompletionClient
) -> None:
    text, _ = await read(client, server, [HINTS * 9, HINTS + HEAD + b"\r\n" + ANSWER])
    assert text == "All of it"


async def test_a_body_in_one_packet_with_its_head_may_be_longer_than_a_head(
    server: RawServer, client: CompletionClient
) -> None:
    words = chunk(FRAMING.delta("so ")) * (2 * MAX_HEAD_BYTES // 100)
    text, _ = await read(client, server, [HEAD + b"\r\n" + words + ANSWER])
    assert text.startswith("so so ")
    assert text.endswith("All of it")


async def test_each_response_of_a_kept_connection_has_the_whole_limit(
    server: RawServer, client: CompletionClient
) -> None:
    packets = [filled(20_000) + b"\r\n" + ANSWER]
    _, peer = await read(client, server, packets)
    text, _ = await read(client, server, packets, peer)
    assert (text, server.new_peers) == ("All of it", 0)


async def test_a_head_that_is_malformed_is_no_completion(server: RawServer, client: CompletionClient) -> None:
    with pytest.raises(CompletionError) as caught:
        await read(client, server, [b"HTTP/1.1 twohundred OK\r\n" + b"a" * 2 * MAX_HEAD_BYTES])
    assert type(caught.value) is NotACompletionError


@pytest.mark.parametrize(
    "packet",
    [b"1;" + b"a" * (2 * MAX_OVERHEAD_BYTES), (b"1;" + b"a" * 9000 + b"\r\n:\r\n") * 300],
    ids=["one extension", "an extension for each byte"],
)
async def test_a_body_that_is_next_to_nothing_beside_its_frame_is_lost(
    server: RawServer, client: CompletionClient, packet: bytes
) -> None:
    with pytest.raises(ReplyLostError):
        await read(client, server, [HEAD + b"\r\n" + packet])


async def test_a_long_answer_in_chunks_of_one_byte_is_read(
    server: RawServer, client: CompletionClient
) -> None:
    words = FRAMING.delta("so " * 100_000)
    bytewise = b"".join(b"1\r\n%c\r\n" % byte for byte in words)
    text, _ = await read(client, server, [HEAD + b"\r\n" + bytewise + ANSWER])
    assert text.startswith("so so ")


async def test_a_body_is_read_in_small_pieces_whatever_its_chunks_are(server: RawServer) -> None:
    async with http_client() as http:
        task = asyncio.create_task(http.send(http.build_request("GET", server.url), stream=True))
        peer = await server.next_peer()
        await peer.take_request()
        peer.send(HEAD + b"\r\n" + b"1\r\na\r\n" * 9_000 + chunk(b"a" * 100_000) + END)
        response = await task
        sizes = [len(piece) async for piece in response.aiter_raw()]
        await response.aclose()
    assert (sum(sizes), max(sizes)) == (109_000, PIECE_BYTES)
