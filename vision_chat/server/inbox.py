"""What waits to be handled by one socket: frames from its page, and what it is told from elsewhere."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from vision_chat.commands import MAX_FRAME_BYTES

MAX_WAITING = 500
"""A page waits for the answer to nearly everything it asks, so that a handful waits at most."""
MAX_WAITING_CHARACTERS = 4 * MAX_FRAME_BYTES
MAX_TOLD = 1000
"""Most messages that it is told and has not handled; one that is so far behind had better begin anew."""

FROM_PAGE = {"websocket.connect", "websocket.receive", "websocket.disconnect"}

Message = dict[str, Any]
Result = TypeVar("Result")


class SocketGoneError(ConnectionError):
    """The socket has closed: what is done for it is of no use to anybody."""


class Inbox:
    """Reads ahead of what is handled, so that a disconnect is noticed at once.

    The server hands on a disconnect behind all frames that came before it; they are dropped here then.
    """

    def __init__(self, receive: Callable[[], Awaitable[Message]]) -> None:
        self.is_flooded = False
        """True once the page has sent more than may wait."""
        self.is_behind = False
        """True once it was told more than may wait."""
        self._receive = receive
        self._waiting: deque[Message] = deque()
        self._frames = 0
        self._characters = 0
        self._has_come = asyncio.Event()
        self._has_gone = asyncio.Event()

    async def read(self) -> None:
        """Read until the socket closes, or more waits than an honest page sends."""
        while not self._has_gone.is_set():
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._end(message)
                return
            self._waiting.append(message)
            self._frames += 1
            self._characters += _size(message)
            self._has_come.set()
            if self._frames > MAX_WAITING or self._characters > MAX_WAITING_CHARACTERS:
                self.is_flooded = True
                self._end({"type": "websocket.disconnect", "code": 1008})

    def tell(self, message: Message) -> None:
        """Put a message that does not come from the page behind all that waits."""
        if self._has_gone.is_set():
            return
        if len(self._waiting) - self._frames >= MAX_TOLD:
            self.is_behind = True
            self._end({"type": "websocket.disconnect", "code": 1012})
            return
        self._waiting.append(message)
        self._has_come.set()

    async def next(self) -> Message:
        """Wait for the next message, and return it."""
        while not self._waiting:
            self._has_come.clear()
            await self._has_come.wait()
        message = self._waiting.popleft()
        if message["type"] in FROM_PAGE:
            self._frames -= 1
            self._characters -= _size(message)
        return message

    async def unless_gone(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return the result of `work`, which is given up when the socket closes. Raises SocketGoneError."""
        working = asyncio.create_task(work)
        going = asyncio.create_task(self._has_gone.wait())
        try:
            await asyncio.wait({working, going}, return_when=asyncio.FIRST_COMPLETED)
            if self._has_gone.is_set():
                raise SocketGoneError
            return working.result()
        finally:
            working.cancel()
            going.cancel()

    def _end(self, message: Message) -> None:
        self._waiting.clear()
        self._waiting.append(message)
        self._frames, self._characters = 1, 0
        self._has_gone.set()
        self._has_come.set()


def _size(message: Message) -> int:
    return len(message.get("text") or message.get("bytes") or "")
