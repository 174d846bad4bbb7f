"""The body of a response in small pieces, unpacked where it is packed.

A megabyte of gzip may become a gigabyte of blanks, and a fast endpoint may send without a pause: after each
piece the event loop is given a turn.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, TypeAlias

PIECE_BYTES: Final = 2 * 1024
"""Bytes after which the event loop has a turn: where each is a chunk of its own, these take 5 ms to read."""

_WITH_HEADER: Final = 47
"""`wbits` for a window of 15 bits, and gzip or zlib by the header."""
_WITHOUT_HEADER: Final = -15
"""`wbits` for deflate alone, as some servers send it."""

Unpacker: TypeAlias = Callable[[bytes], Iterator[bytes]]


class InflateError(ValueError):
    """A body that is not packed as its header says, or in a way that was not asked for."""


class Body:
    """The bytes of a response as they were before they were packed: `read` until there are no more.

    Nothing packed is asked for (`Accept-Encoding: identity`), but proxies may pack an answer all the same,
    and do it by gzip or deflate.
    """

    def __init__(self, raw: AsyncIterator[bytes], content_encoding: str = "") -> None:
        self.has_begun = False
        self._raw = raw
        self._unpack = _unpacker_for(content_encoding.strip().lower())
        self._pieces: Iterator[bytes] = iter(())
        self._since_turn = 0

    async def read(self) -> bytes:
        """Return at most PIECE_BYTES, b"" at the end. Raises InflateError and HTTP_ERRORS."""
        while True:
            if piece := next(self._pieces, b""):
                self._since_turn += len(piece)
                if self._since_turn >= PIECE_BYTES:
                    self._since_turn = 0
                    await asyncio.sleep(0)
                return piece
            data = await anext(self._raw, b"")
            if not data:
                return b""
            self.has_begun = True
            self._pieces = self._unpack(data)


def _unpacker_for(encoding: str) -> Unpacker:
    if encoding in {"", "identity", "none", "utf-8"}:
        return _plain
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return _Inflater()
    return _unknown


def _plain(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]


def _unknown(data: bytes) -> Iterator[bytes]:
    raise InflateError("The answer is packed in a way that was not asked for.")


class _Inflater:
    """Inflates gzip, also of several members, and deflate with its header or without."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=_WITH_HEADER)
        self._has_begun = False

    def __call__(self, data: bytes) -> Iterator[bytes]:
        while data:
            piece = self._inflate(data)
            if piece:
                yield piece
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data
                self._inflater = zlib.decompressobj(wbits=_WITH_HEADER)

    def _inflate(self, data: bytes) -> bytes:
        try:
            piece = self._inflater.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._has_begun:
                raise InflateError(f"The answer is packed wrongly: {error}.") from error
            self._inflater = zlib.decompressobj(wbits=_WITHOUT_HEADER)
            self._has_begun = True
            return self._inflate(data)
        self._has_begun = True
        return piece
