"""The replies that one socket follows, each in a task."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from vision_chat.events import Event
from vision_chat.services.mirror.mirrored import MirroredReply
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply

logger = logging.getLogger(__name__)

END_SECONDS = 2.0
"""Most time for which the end of a reply holds up what comes next; it takes some milliseconds."""

Followed = LiveReply | MirroredReply
"""A reply of this process, or the mirror of one that runs in another."""


class Subscriptions:
    """Follows replies and sends their events with `send`. Calls `close_socket` where a rendering fails."""

    def __init__(
        self, send: Callable[[Event], Awaitable[None]], close_socket: Callable[[], Awaitable[None]]
    ) -> None:
        self._send = send
        self._close_socket = close_socket
        self._tasks: dict[Followed, asyncio.Task[None]] = {}

    def __contains__(self, live: Followed) -> bool:
        """Tell whether the reply is followed: itself, or the mirror that it had while it waited."""
        return any(
            each is live or (each.message_id == live.message_id and not each.has_ended)
            for each in self._tasks
        )

    def follows(self, message_id: str) -> bool:
        """Tell whether something of the reply with this id is still to be sent, if only its end."""
        return any(each.message_id == message_id for each in self._tasks)

    async def ends_sent(self) -> None:
        """Wait until the end of each reply that has ended was sent: what comes next is told after it."""
        ending = [task for live, task in self._tasks.items() if live.has_ended]
        if ending:
            await asyncio.wait(ending, timeout=END_SECONDS)

    def add(self, live: Followed, cursor: Cursor) -> None:
        """Follow the reply from `cursor` to its end. Does nothing where it is followed already."""
        if live not in self:
            task = asyncio.create_task(self._follow(live, cursor))
            self._tasks[live] = task
            task.add_done_callback(lambda task: self._forget(live, task))

    @property
    def followed(self) -> frozenset[Followed]:
        """The replies that are followed now."""
        return frozenset(self._tasks)

    def restart(self, live: Followed, cursor: Cursor) -> None:
        """Follow the reply from `cursor`, wherever it was followed to."""
        self.cancel([live])
        self.add(live, cursor)

    def cancel(self, lives: Iterable[Followed]) -> None:
        """Stop following these replies."""
        for live in lives:
            if task := self._tasks.pop(live, None):
                task.cancel()

    def cancel_all(self) -> None:
        """Stop following all replies."""
        self.cancel(self.followed)

    async def _follow(self, live: Followed, cursor: Cursor) -> None:
        try:
            await live.follow(cursor, self._send)
        except OSError:
            # the socket has closed; the page reconnects with its cursor
            logger.debug("A socket closed while reply %s was sent to it", live.message_id)
        except Exception:
            logger.exception("Reply %s could not be sent to a watcher", live.message_id)
            await self._close_socket()

    def _forget(self, live: Followed, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(live) is task:
            del self._tasks[live]
