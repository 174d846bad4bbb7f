"""A site of the web for tests, on an address of this machine that stands for a public one."""

import asyncio
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from types import TracebackType
from typing import Final

from vision_chat.services.fetching.fetcher import Fetcher, FetchLimits
from vision_chat.services.fetching.rules import Rules

PUBLIC_ADDRESS: Final = "127.0.0.2"
"""The only address that the rules of tests allow."""


class WebServer:
    """Answers each path with bytes, head and all, which `answers` has; `requests` are the heads that came."""

    def __init__(self, address: str = PUBLIC_ADDRESS, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Sequence[bytes]] = {}
        self.requests: list[str] = []
        self.port = 0
        self.closed = asyncio.Event()
        self._address = address
        self._context = context
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "WebServer":
        self._server = await asyncio.start_server(self._serve, self._address, 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def rules(self) -> Rules:
        """Rules by which this server is the whole web."""
        return Rules(frozenset({self.port}), lambda address: address == ip_address(PUBLIC_ADDRESS))

    def url(self, path: str = "/", host: str = "pictures.example.org") -> str:
        return f"{'https' if self._context else 'http'}://{host}:{self.port}{path}"

    def has(
        self, path: str, body: bytes, kind: str = "image/png", status: str = "200 OK", **headers: str
    ) -> None:
        """Answer this path so. `_` in the name of a header is a dash."""
        fields = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""])
        self.answers[path] = [head.encode(), body]

    def redirects(self, path: str, location: str) -> None:
        self.has(path, b"", status="302 Found", Location=location, Set_Cookie="secret=1; Path=/")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            for part in self.answers.get(head.split()[1], [b"HTTP/1.1 404 Not Found\r\n\r\n"]):
                writer.write(part)
                await writer.drain()
            if b"unending" in head.encode():
                await reader.read()
                self.closed.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()


def fetcher_for(server: WebServer, max_bytes: int = 1_000_000, seconds: float = 10.0) -> Fetcher:
    """A fetcher for which every name leads to this server."""

    async def look_up(host: str, port: int) -> Sequence[str]:
        return [PUBLIC_ADDRESS]

    return Fetcher(FetchLimits(max_bytes, seconds), server.rules, look_up)
