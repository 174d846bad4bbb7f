"""The link of a process to the others of its site: streams of replies, and a mailbox each, in Redis."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from vision_chat.services.metrics import measured
from vision_chat.services.mirror.entries import Letter, encode, letter_in
from vision_chat.services.site.redis import AWAY, Client, Pipeline

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 10
"""Time for which letters wait: a process that has not looked for so long has died."""
WATCH_SECONDS: Final = 1.0
MAX_TAKEN: Final = 1000
"""Letters that are taken at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Redis as the process with this boot id uses it. Its calls raise the errors of `site.redis.AWAY`.

    The id of the site is part of every name, so that two sites on one Redis never hear of each other.
    """

    redis: Client
    site: str
    boot_id: str

    def stream(self, generation_id: int) -> str:
        """Return the name of a generation's stream."""
        return f"{self.site}:mirror:{generation_id}"

    def pipeline(self) -> Pipeline:
        return self.redis.pipeline(transaction=False)

    async def send(self, letters: Mapping[str, Iterable[Letter]]) -> None:
        """Put letters into the mailboxes of the processes with these boot ids."""
        async with self.pipeline() as pipeline:
            for boot_id, of_process in letters.items():
                name = self._mailbox(boot_id)
                pipeline.rpush(name, *map(encode, of_process))
                pipeline.expire(name, KEPT_SECONDS)
            await pipeline.execute()

    def take(self, pipeline: Pipeline) -> None:
        """Let a pipeline take the letters to this process; `letters_in` reads the result."""
        pipeline.lpop(self._mailbox(self.boot_id), MAX_TAKEN)

    def _mailbox(self, boot_id: str) -> str:
        return f"{self.site}:mirror:to:{boot_id}"


async def watch_redis(link: Link, came_back: Callable[[], None], seconds: float = WATCH_SECONDS) -> None:
    """Ask Redis for a sign of life until cancelled, and call `came_back` when it answers again."""
    is_away = False
    while not is_cancelled():
        try:
            async with link.pipeline() as pipeline:
                pipeline.ping()
                await pipeline.execute()
        except AWAY as error:
            measured.UP.set(0, "redis")
            measured.REDIS_ERRORS.add(1, "link")
            if not is_away:
                logger.warning("Redis is away: pages hear later of other processes (%s)", error)
            is_away = True
        else:
            measured.UP.set(1, "redis")
            if is_away:
                logger.warning("Redis is back: pages look what they have missed")
                came_back()
            is_away = False
        await asyncio.sleep(seconds)


def is_cancelled() -> bool:
    """Tell whether the running task is to end: a call of Redis may swallow that in Python 3.11."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def letters_in(taken: Sequence[bytes] | None) -> list[Letter]:
    """Read letters. Those that another release has written are left out."""
    letters = []
    for data in taken or ():
        try:
            letters.append(letter_in(data))
        except msgspec.MsgspecError:
            continue
    return letters
