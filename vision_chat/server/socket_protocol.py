"""uvicorn's protocol for sockets, with a short way for what it does most: a text message out.

websockets makes an object of every frame, checks it and serialises it through a buffer; uvicorn then writes
it at once. Here the messages of one turn of the event loop are framed and written after all of it has been
rendered: a processor does a hundred things of one kind faster than a hundred different ones
(docs/decisions/0012).
"""

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

_TEXT: Final = 0x81
"""The first byte of a frame that is a whole text message (RFC 6455, section 5.2)."""
_SHORT: Final = 126
_MEDIUM: Final = 1 << 16
WRITTEN_AT_ONCE: Final = 1 << 16
"""Bytes that are written at once, without waiting for more."""


def text_frame(text: str) -> bytes:
    """A whole message as a server sends it: not masked. Raises UnicodeEncodeError for half an emoji."""
    data = text.encode()
    size = len(data)
    if size < _SHORT:
        return bytes((_TEXT, size)) + data
    if size < _MEDIUM:
        return bytes((_TEXT, 126)) + size.to_bytes(2) + data
    return bytes((_TEXT, 127)) + size.to_bytes(8) + data


class SocketProtocol(WebSocketsSansIOProtocol):
    """For uvicorn's `ws`. Compression of messages must be off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._application, self.app = self.app, self._run
        self._unsent: list[bytes] = []
        self._room = WRITTEN_AT_ONCE

    async def _run(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._application(scope, receive, send)
        finally:
            self._write_unsent()  # the connection is closed after it

    async def send(self, message: "ASGISendEvent") -> None:
        text: Any = message.get("text")
        if text is None or not self._is_open() or not self.writable.is_set():
            self._write_unsent()
            await super().send(message)
            return
        if not self._unsent:
            self.loop.call_soon(self._write_unsent)
        frame = text_frame(text)
        self._unsent.append(frame)
        self._room -= len(frame)
        if self._room < 0:
            self._write_unsent()

    def shutdown(self) -> None:
        self._write_unsent()
        super().shutdown()

    def _write_unsent(self) -> None:
        """After a close nothing may follow: a page that is told to come back misses nothing."""
        if self._unsent:
            unsent, self._unsent, self._room = self._unsent, [], WRITTEN_AT_ONCE
            if self._is_open():
                self.transport.write(b"".join(unsent))

    def _is_open(self) -> bool:
        """Whether the handshake is over, and nobody has closed or is about to."""
        return self.conn.state is State.OPEN and not self.transport.is_closing()
