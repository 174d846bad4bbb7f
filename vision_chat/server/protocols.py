"""uvicorn's protocols, with limits: uvicorn has none for headers, silence and what is not read.

They override what asyncio and httptools call on a protocol, and pass every call on.
See docs/decisions/0025-limits-of-a-connection.md.
"""

import asyncio
import time
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from vision_chat.server.crowd import Crowd, descriptor_limit
from vision_chat.server.guard import Guard, Limits
from vision_chat.server.known_sessions import known_sessions
from vision_chat.services.accounts.sessions import session_key_of

WATCH_SECONDS = 5.0
LIMITS = Limits()
NOT_READ = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


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
        if self.transport.is_closing():
            return  # what was read before it was closed
        self.guard.received(len(data))
        super().data_received(data)
        if self.guard.has_too_much_overhead() and not self.transport.is_closing():
            if not self.guard.is_answering():
                self.transport.write(NOT_READ)
            self.transport.close()

    def on_headers_complete(self) -> None:
        if crowd().is_stranger(self.transport) and session_key_of(self.headers) in known_sessions:
            crowd().recognise(self.transport)
        self.guard.head_ended()
        if self.guard.has_too_many_requests():
            raise ValueError("more requests than answers")  # the parser stops, and uvicorn answers 400
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
        self.watch.end()  # from here on the other protocol has the transport
        super().handle_websocket_upgrade()


class GuardedSocket(WebSocketsSansIOProtocol):
    """A connection for a websocket. It is not read while the other side does not read.

    Otherwise the answers to its pings would fill the memory.
    """

    watch: _Watch

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        guard = Guard(LIMITS, time.monotonic)
        guard.head_ended()
        guard.body_ended()  # a request whose answer goes on: only what is not read can be too late
        self.watch = _Watch(transport, guard)

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.end()
        crowd().leave(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing() and not self.read_paused:
            self.transport.resume_reading()
