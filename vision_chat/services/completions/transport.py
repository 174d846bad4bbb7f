"""httpx's transport interface on aiohttp: a request in, a response out, whose body is pushed to its reader.

Awaiting a body wakes a task for every token, through each coroutine between the task and the socket. A push
is one call from the socket to the reader, and the task sleeps until the end (docs/decisions/0009).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
import httpx

MUCH = 65_536
"""From so many bytes on there may be more: aiohttp holds back what is too much at once until some is read."""


class Transport(httpx.AsyncBaseTransport):
    """Raises aiohttp's errors as they are: httpx has no names for most of them."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get("timeout", {})
        response = await self._session.request(
            request.method,
            str(request.url),
            headers=request.headers,
            data=request.content or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=seconds.get("pool"), sock_connect=seconds.get("connect")
            ),
        )
        # aiohttp undoes the compression, and httpx must not try it again
        headers = [header for header in response.raw_headers if header[0].lower() != b"content-encoding"]
        return httpx.Response(response.status, headers=headers, stream=Body(response), request=request)

    async def aclose(self) -> None:
        await self._session.close()


class Body(httpx.AsyncByteStream):
    """What comes after the headers, to be iterated over or pushed. Closed early, it closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.content.iter_any()

    async def aclose(self) -> None:
        self._response.close()

    async def push(self, receive: Callable[[bytes], None]) -> None:
        """Call `receive` with every piece in the moment in which it comes, until the body has ended.

        Raises aiohttp's errors, and what `receive` raises: then no more is pushed.
        """
        connection, content = self._response.connection, self._response.content
        wire, protocol = (connection.transport, connection.protocol) if connection else (None, None)
        if wire is not None and protocol is not None and not wire.is_closing():
            await Tap(wire, protocol, content, receive).run()
            return
        if protocol is not None and protocol.closed is not None:
            with suppress(aiohttp.ClientConnectionError):
                await protocol.closed
        _give(content, receive)
        if not content.is_eof():
            raise _cut_off()


_SIZE_LINE: Callable[[bytes], re.Match[bytes] | None] = re.compile(rb"([0-9A-Fa-f]{1,6})\r\n").match


def whole_chunk(data: bytes) -> bytes | None:
    """The content of `data`, where that looks like one chunk and no more (RFC 9112, section 7.1)."""
    line = _SIZE_LINE(data)
    if line is None or data[-2:] != b"\r\n":
        return None
    content = data[line.end() : -2]
    return content if content and len(content) == int(line[1], 16) else None


def _size(chunk: bytes) -> bytes:
    return chunk[: chunk.index(b"\r")]


class Tap(asyncio.Protocol):
    """Stands before aiohttp's protocol while a body comes: hands on every call, then gives the body away.

    A packet that is one chunk goes straight to the reader, where aiohttp stands between two chunks: it would
    make the same of it.
    """

    def __init__(
        self,
        wire: asyncio.Transport,
        protocol: asyncio.Protocol,
        content: aiohttp.StreamReader,
        receive: Callable[[bytes], None],
    ) -> None:
        self._wire, self._protocol, self._content, self._receive = wire, protocol, content, receive
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._error: Exception | None = None
        # known once aiohttp has made of a packet what only a chunk of its own makes
        self._is_between_chunks = False

    async def run(self) -> None:
        self._wire.set_protocol(self)
        try:
            self._read()  # what has come together with the headers
            await self._ended
        finally:
            self._step_aside()
        if self._error is not None:
            raise self._error

    def data_received(self, data: bytes) -> None:
        content = whole_chunk(data)
        if content is None or not self._is_between_chunks:
            self._protocol.data_received(data)
            # within a chunk it would have made something of it that begins with the size
            self._is_between_chunks = self._read() == content and not content.startswith(_size(data))
        elif not self._ended.done():
            self._pass_on(content)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)
        self._read()
        self._end(_cut_off())

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def _read(self) -> bytes:
        """Pass on what aiohttp has parsed, and return the last piece of it."""
        if self._ended.done():
            return b""
        try:
            data = _give(self._content, self._receive)
        except Exception as error:  # noqa: BLE001 - the task that waits gets it, not the event loop
            self._end(error)
            return b""
        if self._content.is_eof():
            self._end()
        return data

    def _pass_on(self, content: bytes) -> None:
        try:
            self._receive(content)
        except Exception as error:  # noqa: BLE001 - as above
            self._end(error)

    def _end(self, error: Exception | None = None) -> None:
        # at once: aiohttp may have put the connection back for the next request already
        self._step_aside()
        if not self._ended.done():
            self._error = error
            self._ended.set_result(None)

    def _step_aside(self) -> None:
        # a closing wire still has things to say, and a TLS one that is closed has no protocol to set
        if not self._wire.is_closing() and self._wire.get_protocol() is self:
            self._wire.set_protocol(self._protocol)


def _give(content: aiohttp.StreamReader, receive: Callable[[bytes], None]) -> bytes:
    """Pass on all that has been parsed, and return the last piece of it."""
    while data := content.read_nowait():
        receive(data)
        if len(data) < MUCH:
            break
    return data


def _cut_off() -> aiohttp.ClientPayloadError:
    """What aiohttp does not tell a reader whose body is malformed, or whose session is closed."""
    return aiohttp.ClientPayloadError("The connection was closed before the body had ended")
