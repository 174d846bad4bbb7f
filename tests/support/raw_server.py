"""A server whose every byte, and the packet in which it leaves, is up to the test."""

import asyncio
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.fake_endpoint import PATIENCE

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def take_request(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._reader.readuntil(b"\r\n\r\n")

    def send(self, packet: bytes) -> None:
        self._writer.write(packet)

    def send_eof(self) -> None:
        """Say that nothing more will come, and go on listening."""
        self._writer.write_eof()

    def close(self) -> None:
        self._writer.close()

    async def wait_closed(self) -> None:
        """Until the client has closed the connection."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionResetError):  # it did so without reading all
                assert await self._reader.read() == b""


class RawServer:
    """Listens on a free port of this machine while it is entered."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._peers: list[Peer] = []
        self._new_peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def next_peer(self) -> Peer:
        """The next connection that nobody has been given yet."""
        async with asyncio.timeout(PATIENCE):
            return await self._new_peers.get()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._tls)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for peer in self._peers:
            peer.close()

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self._peers.append(peer)
        self._new_peers.put_nowait(peer)
