"""Housekeeping: what was deleted, what was never sent, and what a kill has left."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

from django.conf import settings

from vision_chat.server.alone import Alone
from vision_chat.services.accounts import deletion
from vision_chat.services.conversations.dispatch import sweep_waiting
from vision_chat.services.conversations.purge import (
    purge_abandoned,
    purge_deleted,
    purge_deleted_messages,
)
from vision_chat.services.database_threads import THE_SERVER
from vision_chat.services.documents.open_documents import OpenDocuments
from vision_chat.services.figures.rebuild import make_missing
from vision_chat.services.images.file_threads import FileThreads
from vision_chat.services.replies.orphans import settle_orphans
from vision_chat.services.replies.runner import Runner
from vision_chat.services.review_queues import filling, readability
from vision_chat.services.search import forgetting
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.eviction import evict_unused
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

SECONDS = 60.0
FORGETTING_SECONDS = 3600.0
"""Time after which words of what was deleted go out of the index, which is written anew for that."""

WAITING_SECONDS = 5.0
"""Pause between looks for messages that a process has left as it ended: their people wait for an answer."""


async def send_what_waits(runner: Runner) -> None:
    """Send messages that other processes have left, every few seconds until cancelled."""
    while True:
        await asyncio.sleep(WAITING_SECONDS)
        try:
            await sweep_waiting(runner)
        except Exception:
            logger.exception("Messages that wait could not be looked for; trying again")


class Housekeeping:
    """Cleans up at the start, once a minute, and when it is woken. Made on the event loop.

    Of several processes one cleans up for the site; each has folders of its own.
    """

    def __init__(
        self, writer: Writer, runner: Runner, documents: OpenDocuments, files: FileThreads, alone: Alone
    ) -> None:
        self._files = files
        self._writer = writer
        self._alone = alone
        self._runner = runner
        self._documents = documents
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._forgets_at = self._loop.time()

    def wake(self) -> None:
        """Clean up now: an account is to be deleted. Callable from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Clean up until cancelled. What fails is tried again."""
        while True:
            is_woken = self._woken.is_set()
            self._woken.clear()
            try:
                await self._documents.sweep()
                async with self._alone.turn("housekeeping") as is_mine:
                    if is_mine:
                        await self._clean_up()
                    elif is_woken:  # it was woken for an account, and the one whose turn it is was not
                        await self._in_batches(deletion.remove_batch)
            except Exception:
                logger.exception("Housekeeping failed; trying again in %s s", SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await self._woken.wait()

    async def _clean_up(self) -> None:
        await self._in_batches(purge_deleted)
        await self._in_batches(purge_deleted_messages)
        await self._in_batches(purge_abandoned)
        await self._in_batches(storage.sweep_unsent)
        await self._delete_left_over()
        await self._in_batches(evict_unused)
        await self._forget_words()
        await self._in_batches(make_missing)
        await self._in_batches(readability.settle_seals)
        await self._in_batches(filling.fill_step)
        await self._writer.run(import_module(settings.SESSION_ENGINE).SessionStore.clear_expired)
        if not self._alone.others_may_run:  # else `Sweep` looks for them, more often
            own = self._runner.generation_ids()
            await settle_orphans(self._writer, self._runner.boot_id, others_may_run=False, own=own)
        await sweep_waiting(self._runner)
        await self._in_batches(deletion.remove_batch)

    async def _delete_left_over(self) -> None:
        """Delete files whose rows have gone. What cannot be deleted now is tried again the next time."""
        after = 0
        while left := await self._writer.run(storage.left_over, after):
            after = left[-1].pk
            gone = await self._files.run(THE_SERVER, storage.delete_files, left)
            if not gone:
                return
            await self._writer.run(storage.forget_deleted, gone)

    async def _forget_words(self) -> None:
        if self._loop.time() < self._forgets_at:
            return
        self._forgets_at = self._loop.time() + FORGETTING_SECONDS
        await self._writer.run(forgetting.begin)
        await self._in_batches(forgetting.go_on)

    async def _in_batches(self, job: Callable[[], int]) -> None:
        """Call `job` until it finds nothing more to do. Between two batches others have their turns."""
        while await self._writer.run(job):
            pass
