"""The link of a process to the others of its site: streams of replies, and a mailbox each, in Redis."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from vision_chat.services.mirror.entries import Letter, encode, letter_in
from vision_chat.services.redis import Client, Pipeline

KEPT_SECONDS: Final = 10
"""Time for which letters wait: a process that has not looked for so long has died."""
MAX_TAKEN: Final = 1000
"""Letters that are taken at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Redis as the process with this boot id uses it. Its calls raise the errors of `services.redis.AWAY`.

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
