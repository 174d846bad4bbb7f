"""Exports: which requests are some, one at a time for each person, made on the threads of the database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Hashable, Iterator
from functools import partial
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.accounts import ExportRunningError
from vision_chat.services.database_threads import DatabaseThreads

logger = logging.getLogger(__name__)

EXPORT_PATHS: Final = frozenset(
    {"/account/export/", "/pictures/download/", "/admin/vision_chat/conversation/export/download/"}
)
SUGGESTION: Final = "/suggest/"
"""End of the addresses at which a model is asked."""


def is_export(scope: Any) -> bool:
    """Return whether the request takes as long as an export: it downloads one, or waits for a model."""
    return scope["path"] in EXPORT_PATHS or scope["path"].endswith(SUGGESTION)


class ExportGate:
    """Lets one export of each person in. Used on the event loop."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    def enter(self, person: Hashable) -> None:
        """Count an export until the task of its request ends, however that is. Raises ExportRunningError."""
        task = asyncio.current_task()
        assert task is not None, "called within a request"
        if person in self._running:
            raise ExportRunningError
        self._running[person] = task
        task.add_done_callback(lambda _: self._running.pop(person))


async def stream(
    person: AbstractBaseUser, threads: DatabaseThreads, pieces: Iterator[bytes]
) -> AsyncIterator[bytes]:
    """Yield a person's export. Each piece is made in the person's turn, when the one before it was sent.

    Where files cannot be read now it breaks off, so that nobody takes for whole what lacks pictures.
    """
    making = partial(next, pieces, b"")
    try:
        while piece := await threads.run_for(person.pk, making):
            yield piece
    except OSError as error:
        logger.error("An export is broken off: %s", error)  # noqa: TRY400 - the storage is away, the program is right
        # as where the client hangs up: Django closes what the request has, and the server the connection
        raise asyncio.CancelledError from error
