"""Background work of the site that one of its processes does at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from django.db.utils import DatabaseError

from vision_chat.services.site import leases
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 90.0
"""Time after which work of a process that died is taken over: longer than a minute, at which much is done."""
RENEWAL_SECONDS: Final = 30.0


class Alone:
    """Takes turns with other processes. Where none may run it is always this one's turn, without a lease."""

    def __init__(self, writer: Writer, holder: str, *, others_may_run: bool) -> None:
        self._writer = writer
        self._holder = holder
        self.others_may_run = others_may_run

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[bool]:
        """Yield whether this process is to do the work of this name now, and keep the lease until it has.

        It stays with this process, which does it again the next time, unless it dies or is late.
        """
        if not self.others_may_run:
            yield True
            return
        if not await self._writer.run(leases.hold, name, self._holder, LEASE_SECONDS):
            yield False
            return
        renewing = asyncio.create_task(self._renew(name))
        try:
            yield True
        finally:
            renewing.cancel()

    async def once(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work as soon as no other process does it. Then another one may: it finds less to do."""
        while True:
            async with self.turn(name) as is_mine:
                if is_mine:
                    await work()
                    break
            await asyncio.sleep(RENEWAL_SECONDS)
        if self.others_may_run:
            await self._writer.run(leases.release, name, self._holder)

    async def leave(self) -> None:
        """Give everything up at the end of this process, so that nobody waits."""
        if self.others_may_run:
            await self._writer.run(leases.release_all, self._holder)

    async def _renew(self, name: str) -> None:
        """Keep the lease. Where that fails, another process may begin, which does no harm."""
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            try:
                await self._writer.run(leases.hold, name, self._holder, LEASE_SECONDS)
            except DatabaseError:
                logger.warning("The lease on %s could not be renewed; trying again", name)
