"""uvicorn's protocols, with limits: uvicorn has none for headers, silence and what is not read.

They override what asyncio and httptools call on a protocol, and pass every call on.
See docs/decisions/0023-limits-of-a-connection.md.
"""

import asyncio
import time
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from vision_chat.server.crowd import Crowd, descriptor_limit
from vision_chat.server.guard import Allowance, Guard, Limits
from vision_chat.server.known_sessions import known_sessions
from vision_chat.services.accounts.sessions import session_key_of

WATCH_SECONDS = 5.0
PIECE_BYTES = 4096
"""As much is parsed at once; a socket's next piece waits for its turn on the loop."""
MOST_FRAGMENTS = 100
LIMITS = Limits()
NOT_READ = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@cache
def crowd() -> Crowd:
    """Return the connections of this process. The first call asks how many descriptors it may have."""
    return Crowd(descriptor_limit())


class _Watch:
    """Ends a connection on which something takes too long. One timer for each connection."""

    def __init__(self, transport: asyncio.Transport, guard: Guard) -> None:
        self._transport = transport
        self._guard = guard
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(WATCH_SECONDS, self._look)

    def _look(self) -> None:
        if self._guard.delay(self._transport.get_write_buffer_size()):
            self._transport.abort()
        else:
            self._timer = self._loop.call_later(WATCH_SECONDS, self._look)

    def end(self) -> None:
        self._timer.cancel()


class GuardedHttp(HttpToolsProtocol):
    """A connection for requests."""

    guard: Guard
    watch: _Watch
    is_upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.guard = Guard(LIMITS, time.monotonic)
        self.watch = _Watch(transport, self.guard)
        crowd().enter(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.end()
        crowd().leave(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse piece by piece, so that a quarter of a megabyte of headers is not parsed before it counts."""
        for start in range(0, len(data), PIECE_BYTES):
            if self.is_upgraded or self.transport.is_closing():
                return  # what was read before it was closed
            piece = data[start : start + PIECE_BYTES]
            self.guard.received(len(piece))
            super().data_received(piece)
            if self.guard.has_too_much_overhead() and not self.transport.is_closing():
                self._cut_off()

    def _cut_off(self) -> None:
        if not self.guard.is_answering():
            self.transport.write(NOT_READ)
        self.transport.close()

    def on_headers_complete(self) -> None:
        if crowd().is_stranger(self.transport) and session_key_of(self.headers) in known_sessions:
            crowd().recognise(self.transport)
        if self.guard.is_answering():
            # No browser and no proxy does so. uvicorn would keep thousands of them, and write the answers to
            # a connection that is closed, with a traceback each. The parser stops, and uvicorn answers 400.
            raise ValueError("a request before the answer to the one before")
        self.guard.head_ended()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.guard.body_arrived(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.guard.body_ended()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.guard.answered()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self.is_upgraded = True
        self.watch.end()  # from here on the other protocol has the transport
        super().handle_websocket_upgrade()


class GuardedSocket(WebSocketsSansIOProtocol):
    """A connection for a websocket.

    It is not read while the other side does not read: the answers to its pings would fill the memory. What
    it sends is parsed piece by piece, with everybody else's turn in between. A page sends no pings.
    """

    watch: _Watch
    control_frames: Allowance
    unparsed = b""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        guard = Guard(LIMITS, time.monotonic)
        guard.head_ended()
        guard.body_ended()  # a request whose answer goes on: only what is not read can be too late
        self.watch = _Watch(transport, guard)
        self.control_frames = Allowance(60, 1, time.monotonic)

    def connection_lost(self, exc: Exception | None) -> None:
        self.unparsed = b""
        self.watch.end()
        crowd().leave(self.transport)
        super().connection_lost(exc)

    async def send(self, message: Any) -> None:
        """Count the connection as a person's as soon as its session was found.

        Where a process begins, its first sockets come with sessions that it does not know yet.
        """
        if crowd().is_stranger(self.transport) and session_key_of(self.scope["headers"]) in known_sessions:
            crowd().recognise(self.transport)
        await super().send(message)

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            super().data_received(data)  # all of it, as the other protocol hands it on
            if not self.handshake_initiated:
                self._refuse_handshake()
        elif not self.handshake_complete:
            self.transport.abort()  # frames before the handshake are no protocol, and uvicorn fails on them
        elif self.unparsed:
            self.unparsed += data
        else:
            self.unparsed = data
            self._parse()

    def _refuse_handshake(self) -> None:
        """Answer a request that is no handshake to `websockets`, such as one with a line of over 8 KB.

        uvicorn would leave it without an answer, for ever.
        """
        self.transport.write(NO_HANDSHAKE)
        self.transport.close()

    def _parse(self) -> None:
        piece, self.unparsed = self.unparsed[:PIECE_BYTES], self.unparsed[PIECE_BYTES:]
        if piece and not self.transport.is_closing():
            super().data_received(piece)
        if self.unparsed and not self.transport.is_closing():
            self.transport.pause_reading()
            self.loop.call_soon(self._parse)
        elif self.writable.is_set():
            self.resume_writing()

    def handle_ping(self) -> None:
        if self.control_frames.take():
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_pong(self, event: Any) -> None:
        if self.control_frames.take():
            super().handle_pong(event)
        else:
            self.transport.abort()

    def handle_cont(self, event: Any) -> None:
        super().handle_cont(event)
        if len(self.frames) > MOST_FRAGMENTS:
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not (self.transport.is_closing() or self.read_paused or self.unparsed):
            self.transport.resume_reading()
