"""The background work of moderation: once a minute models are asked about what is due, by one process."""

import asyncio
import logging
from typing import Final

from vision_chat.server.alone import Alone
from vision_chat.services.moderation.asking import Moderator

logger = logging.getLogger(__name__)

SECONDS: Final = 60.0


class Moderation:
    """Asks at the start, and once a minute.

    It has its own pace: neither replies nor housekeeping wait for a model that judges.
    """

    def __init__(self, moderator: Moderator, most_per_minute: int, alone: Alone) -> None:
        self._moderator = moderator
        self._alone = alone
        self._most = most_per_minute

    async def run(self) -> None:
        """Ask until cancelled. What fails is tried again."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            try:
                async with self._alone.turn("moderation") as is_mine:
                    if is_mine:
                        await self._moderator.ask_all(self._most)
            except Exception:
                logger.exception("Moderation failed; trying again in %s s", SECONDS)
            # so many a minute, however long they took
            await asyncio.sleep(max(0.0, SECONDS - (loop.time() - begun)))
