"""The connections of the HTTP client, which give up on a response that consists of anything but its body.

aiohttp takes any number of informational responses (100 to 199) before the final one, and of bytes between
the chunks of a body, and gives the event loop no turn while there are more.
"""

import asyncio
import functools
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError, RawResponseMessage
from aiohttp.streams import StreamReader

MAX_HEAD_BYTES: Final = 32 * 1024
"""Bytes of a response before its body, all informational responses included: servers keep to 16 KB."""
MAX_OVERHEAD_BYTES: Final = 1024 * 1024
"""Bytes of a response that are not its body, beside OVERHEAD_FACTOR for each byte that is."""
OVERHEAD_FACTOR: Final = 8
"""A chunk of one byte has five around it."""


class Connector(aiohttp.TCPConnector):
    """Makes connections with limits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # aiohttp has no public way to name the protocol; tests send a head without end
        self._factory = functools.partial(_protocol, loop=self._loop)


def _protocol(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return LimitedResponse(loop)


class LimitedResponse(ResponseHandler):
    """The protocol of one connection, which closes it where a response passes a limit."""

    _room: int | None = None
    """Bytes that the head may still have; None while there is none to come."""
    _received = 0
    """Bytes of this response so far."""
    _body: StreamReader | None = None

    def set_response_params(self, **params: Any) -> None:
        """Expect a response: its request is about to be sent."""
        self._room, self._received, self._body = MAX_HEAD_BYTES, 0, None
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of a response; only a final one is followed by its body."""
        message, body = data
        if message.code >= 200:
            self._room, self._body = None, body
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Take what has come; of a head no more than there is room for."""
        rest = b""
        if self._room is not None:
            data, rest = data[: self._room], data[self._room :]
            self._room -= len(data)
        self._received += len(data)
        super().data_received(data)
        if self._is_too_much(rest):
            self._give_up()
        elif rest and self.exception() is None:
            self.data_received(rest)

    def _is_too_much(self, rest: bytes) -> bool:
        if self._room is not None:
            return bool(rest)
        body = self._body.total_bytes if self._body else 0
        return self._received > MAX_OVERHEAD_BYTES + body * (OVERHEAD_FACTOR + 1)

    def _give_up(self) -> None:
        self.set_exception(HttpProcessingError(message="The response is hardly anything but its frame."))
        if self.transport is not None:
            self.transport.abort()
