"""However a chunked body is cut into packets: whatever goes past aiohttp is what it would have made of it."""

import asyncio
from itertools import combinations

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler

from tests.support.fake_endpoint import PATIENCE
from tests.support.listening import Ear
from tests.support.raw_server import END, HEAD, chunk
from vision_chat.services.completions.transport import Tap, whole_chunk

# within a chunk that holds it, the second one is no chunk
CHUNKS = (chunk(b"one"), chunk(b"a\r\n" + chunk(b"bc") + b"d"), chunk(b"two"))


class Wire(asyncio.Transport):
    """Stands in for the connection: knows only who listens."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.listener = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.listener

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        """Is always reading."""

    def close(self) -> None:
        asyncio.get_running_loop().call_soon(self.listener.connection_lost, None)


class Parser(ResponseHandler):
    """aiohttp's, which remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(asyncio.get_running_loop())
        self.packets: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        if data:  # without any, it asks itself to go on
            self.packets.append(data)
        super().data_received(data)


async def receive(*packets: bytes, said: Ear | None = None) -> tuple[str, list[bytes]]:
    """The text of a body that comes in these packets, and those of them that aiohttp was given."""
    wire, parser, said = Wire(), Parser(), said or Ear()
    parser.connection_made(wire)
    parser.set_response_params(read_until_eof=True)
    parser.data_received(HEAD + b"\r\n")
    _, content = await parser.read()
    parser.packets.clear()
    tap = Tap(wire, parser, content, lambda data: said.hear(data.decode()))
    running = asyncio.create_task(tap.run())
    await asyncio.sleep(0)  # until it listens
    for packet in packets:
        wire.listener.data_received(packet)
    async with asyncio.timeout(PATIENCE):
        await running
    return said.text, parser.packets


async def test_a_chunk_after_a_chunk_goes_past_aiohttp() -> None:
    text, parsed = await receive(chunk(b"one"), chunk(b" two"), chunk(b" three"), END)
    assert text == "one two three"
    assert parsed == [chunk(b"one"), END]


async def test_a_body_cut_in_any_two_places_says_the_same() -> None:
    body = b"".join(CHUNKS) + END
    for first, second in combinations(range(len(body) + 1), 2):
        text, _ = await receive(*filter(None, (body[:first], body[first:second], body[second:])))
        assert text == "onea\r\n2\r\nbc\r\ndtwo", (first, second)


@pytest.mark.parametrize("cut", range(1, len(CHUNKS[1])))
async def test_after_a_chunk_in_pieces_the_next_ones_are_understood(cut: int) -> None:
    one, torn, two = CHUNKS
    text, parsed = await receive(one, one, torn[:cut], torn[cut:], two, two, END)
    assert text == "oneonea\r\n2\r\nbc\r\ndtwotwo"
    assert parsed == [one, torn[:cut], torn[cut:], two, END]


async def test_what_looks_like_a_chunk_within_a_chunk_is_text() -> None:
    inner = chunk(b"abc")
    start = b"%x\r\n" % (len(inner) + 2)
    text, _ = await receive(chunk(b"one"), start, inner, b"!!\r\n", chunk(b"two"), END)
    assert text == f"one{inner.decode()}!!two"


async def test_a_piece_that_reads_like_the_chunk_it_looks_like_is_not_taken_for_one() -> None:
    # where one byte is missing, aiohttp makes the same seven bytes of it, and one more is missing then
    said = Ear()
    with pytest.raises(aiohttp.ClientPayloadError):
        await receive(b"2\r\na", b"7\r\n" + b"7\r\n\r\n\r\n" + b"\r\n", chunk(b"X"), END, said=said)
    assert "X" not in said.text


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"3", b"3\r\n", b"3\r\nab", b"3\r\nabc", b"3\r\nabc\r", b"\r\n"),  # a part
        *(b"3\r\nabc\r\n3", b"3\r\nabc\r\n1\r\nd\r\n", b"3\r\nabcd\r\n"),  # more
        *(
            END,
            b"0\r\n\r\nx\r\n",
            b"+3\r\nabc\r\n",
            b" 3\r\nabc\r\n",
            b"0x3\r\nabc\r\n",
            b"1_0\r\n" + b"a" * 18,
        ),
        *(b"3;name=value\r\nabc\r\n", b"3\nabc\r\n", b"data: 3\r\nabc\r\n", b"00000003\r\nabc\r\n"),
    ],
)
def test_anything_but_one_chunk_is_left_to_aiohttp(data: bytes) -> None:
    assert whole_chunk(data) is None


@pytest.mark.parametrize(
    "data", [b"3\r\nabc\r\n", b"003\r\nabc\r\n", b"3\r\n\r\n3\r\n", b"A\r\n0123456789\r\n"]
)
def test_one_chunk_is_known_by_its_length(data: bytes) -> None:
    assert whole_chunk(data) == data.partition(b"\r\n")[2][:-2]
