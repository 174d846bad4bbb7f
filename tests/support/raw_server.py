"""A server whose every byte, and the packet in which it leaves, is up to the test."""

import asyncio
import re
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

    async def take_request(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            return head + await self._reader.readexactly(int(length[1]) if length else 0)

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

    def __init__(self, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> None:
        self._tls = tls
        self._name = name
        self._peers: list[Peer] = []
        self._new_peers: asyncio.Queue[Peer] = asyncio.Queue()

    @property
    def new_peers(self) -> int:
        """Count the connections that nobody has been given yet."""
        return self._new_peers.qsize()

    async def next_peer(self) -> Peer:
        """The next connection that nobody has been given yet."""
        async with asyncio.timeout(PATIENCE):
            return await self._new_peers.get()

    async def __aenter__(self) -> Self:
        address = "127.0.0.1" if self._name == "localhost" else self._name
        self._server = await asyncio.start_server(self._meet, address, 0, ssl=self._tls)
        _, port = self._server.sockets[0].getsockname()
        self.url = f"{'https' if self._tls else 'http'}://{self._name}:{port}"
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
