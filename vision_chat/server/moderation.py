"""The background work of moderation in one process: once a minute models are asked about what is due."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from vision_chat.services.moderation.asking import Moderator

logger = logging.getLogger(__name__)

SECONDS: Final = 60.0


class Moderation:
    """Asks at the start, once a minute, and when it is woken. Made on the event loop.

    It has its own pace: neither replies nor housekeeping wait for a model that judges.
    """

    def __init__(self, moderator: Moderator, most_per_minute: int) -> None:
        self._moderator = moderator
        self._most = most_per_minute
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Ask now. Callable from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Ask until cancelled. What fails is tried again."""
        while True:
            self._woken.clear()
            begun = self._loop.time()
            try:
                await self._moderator.ask_all(self._most)
            except Exception:
                logger.exception("Moderation failed; trying again in %s s", SECONDS)
            with suppress(TimeoutError):
                # so many a minute, however long they took
                rest = max(0.0, SECONDS - (self._loop.time() - begun))
                await asyncio.wait_for(self._woken.wait(), rest)
