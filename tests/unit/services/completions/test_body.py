"""Bodies of responses, packed or not, in small pieces."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from vision_chat.services.completions._body import PIECE_BYTES, Body, InflateError

TEXT = b"".join(b"%d " % number for number in range(50_000))


async def packets(*data: bytes) -> AsyncIterator[bytes]:
    for packet in data:
        yield packet


async def read(encoding: str, *data: bytes) -> list[bytes]:
    body, pieces = Body(packets(*data), encoding), []
    while piece := await body.read():
        pieces.append(piece)
    return pieces


def deflated(wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(TEXT) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:])),
        ("deflate", deflated(15)),
        ("deflate", deflated(-15)),
    ],
    ids=["plain", "identity", "gzip", "x-gzip", "two members", "deflate", "deflate without header"],
)
async def test_a_body_comes_whole_in_small_pieces(encoding: str, data: bytes) -> None:
    pieces = await read(encoding, data[:7], data[7:])
    assert b"".join(pieces) == TEXT
    assert max(map(len, pieces)) <= PIECE_BYTES


async def test_a_gigabyte_of_blanks_is_never_held() -> None:
    packed = gzip.compress(b" " * (64 << 20))
    assert len(packed) < 100_000
    sizes = [len(piece) for piece in await read("gzip", packed)]
    assert (sum(sizes), max(sizes)) == (64 << 20, PIECE_BYTES)


@pytest.mark.parametrize("size", [1, PIECE_BYTES, 20 * PIECE_BYTES])
async def test_the_event_loop_has_a_turn_each_piece_bytes_however_they_come(size: int) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(take_turns())
    await read("", *[b" " * size] * (20 * PIECE_BYTES // size))
    task.cancel()
    assert turns >= 20


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_packed_as_it_says_is_an_error(encoding: str) -> None:
    with pytest.raises(InflateError, match="packed wrongly"):
        await read(encoding, b"not packed at all")


async def test_a_way_of_packing_that_was_not_asked_for_is_an_error() -> None:
    with pytest.raises(InflateError, match="was not asked for"):
        await read("br", b"anything")
