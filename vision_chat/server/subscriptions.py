"""The replies that one socket watches, a task each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from vision_chat.events import Event
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply

logger = logging.getLogger(__name__)


class Subscriptions:
    """Sends with `send`; where that or the rendering fails, `break_off` closes the socket."""

    def __init__(
        self, send: Callable[[Event], Awaitable[None]], break_off: Callable[[], Awaitable[None]]
    ) -> None:
        self._send = send
        self._break_off = break_off
        self._tasks: dict[LiveReply, asyncio.Task[None]] = {}

    def __contains__(self, live: LiveReply) -> bool:
        return live in self._tasks

    def add(self, live: LiveReply, cursor: Cursor) -> None:
        """Follow the reply from `cursor` to its end. One that is followed already goes on as it is."""
        if live not in self._tasks:
            task = asyncio.create_task(self._follow(live, cursor))
            self._tasks[live] = task
            task.add_done_callback(lambda task: self._forget(live, task))

    def cancel_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def _follow(self, live: LiveReply, cursor: Cursor) -> None:
        try:
            await live.follow(cursor, self._send)
        except OSError:
            # the page has gone; it comes back with its cursor and misses nothing
            logger.debug("A socket closed while reply %s was sent to it", live.message_id)
        except Exception:
            logger.exception("Reply %s could not be shown to one of its watchers", live.message_id)
            await self._break_off()

    def _forget(self, live: LiveReply, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(live) is task:
            del self._tasks[live]
