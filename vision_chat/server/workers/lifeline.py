"""The lifeline of a worker to its supervisor, from the worker's end."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

BEAT_SECONDS: Final = 1.0
ALIVE: Final = b"."
REPLACED: Final = b"r"
NUMBER: Final = "WORKER_NUMBER"
"""The variable with the number of a worker, from 1; unset in a process without a supervisor."""


class Lifeline:
    """Tells the supervisor that this worker serves and lives, and hears when it is to end."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    async def run(self, leave: Callable[[], None]) -> None:
        """Show life until cancelled. Call `leave` once the supervisor wants that, or has died."""
        reader, writer = await asyncio.open_connection(sock=self._end)
        beats = asyncio.create_task(_beat(writer))
        try:
            with contextlib.suppress(OSError):
                await reader.read(1)
            leave()
            await beats
        finally:
            beats.cancel()
            writer.close()


async def _beat(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # the supervisor has died
        while True:
            writer.write(ALIVE)
            await writer.drain()
            await asyncio.sleep(BEAT_SECONDS)
