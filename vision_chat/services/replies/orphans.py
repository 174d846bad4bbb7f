"""Replies whose process died while they ran: they are settled as interrupted, and open pages hear of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Final

from vision_chat.events import ConversationSettled, ConversationStale
from vision_chat.models.generation import Status
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.metrics import measured
from vision_chat.services.replies import orphan_rows
from vision_chat.services.replies.runner import Runner
from vision_chat.services.site import relay
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

SWEEP_SECONDS: Final = 1.0
GAP_SECONDS: Final = 5.0
"""Time without an answer of the database after which it counts as away: then nobody could show life."""
PATIENCE_SECONDS: Final = 12.0
"""Time for which the database must have answered: after it was away, a connection may take ten seconds."""


async def settle_orphans(
    writer: Writer, boot_id: str, *, others_may_run: bool, own: Collection[int] = ()
) -> None:
    """Interrupt orphans, and tell their people's tabs: by now each has connected to a process that lives.

    Nobody follows such a reply, so a page that shows it fetches its thread again.
    """
    orphans = await writer.run(orphan_rows.interrupt_orphans, boot_id, others_may_run=others_may_run, own=own)
    measured.REPLIES_ORPHANED.add(len(orphans))
    for orphan in orphans:
        measured.REPLIES_ENDED.add(1, orphan.model_name, Status.INTERRUPTED)
        conversation_id = str(orphan.conversation_id)
        await relay.broadcast(
            orphan.person_id,
            ConversationSettled(conversation_id=conversation_id),
            ConversationStale(conversation_id=conversation_id),
        )


class Sweep:
    """Looks for orphans of other processes. Silence counts only while this process reached the database.

    It looks on a thread of `readers`: behind all that a busy writer has to do the answer would come so late
    that the database counts as away.
    """

    def __init__(
        self, runner: Runner, readers: DatabaseThreads, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runner = runner
        self._readers = readers
        self._clock = clock
        self._reached_at = float("-inf")
        """Time of the last answer."""
        self._reached_since = 0.0

    async def run(self) -> None:
        """Sweep until cancelled. What fails is tried again."""
        while True:
            try:
                await self.sweep()
            except Exception:
                logger.exception("Replies of processes that died could not be looked for; trying again")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Settle orphans, once the database has answered for long enough."""
        has_stale, has_queued = await self._readers.run(orphan_rows.find_unrun)
        if has_queued:  # by a process that may have died since
            self._runner.line.wake()
        now = self._clock()
        if now - self._reached_at > GAP_SECONDS:
            self._reached_since = now
        self._reached_at = now
        if has_stale and now - self._reached_since >= PATIENCE_SECONDS:
            own = self._runner.generation_ids()
            writer = self._runner.dependencies.writer
            await settle_orphans(writer, self._runner.boot_id, others_may_run=True, own=own)
