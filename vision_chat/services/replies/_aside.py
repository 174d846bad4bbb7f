"""Places for calls that write no reply and have no row: each process counts its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from vision_chat.errors.turns import TooManyRepliesError
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.replies import admission
from vision_chat.services.replies.places import Admission
from vision_chat.services.writer import Writer

LOOK_SECONDS: Final = 0.5
"""Interval of looks for a free place. Replies that wait come first."""


class Aside:
    """The calls of this process that have a place and write no reply. Used on the event loop only."""

    def __init__(self, writer: Writer, admit: Callable[[], Admission]) -> None:
        self._writer = writer
        self._admit = admit
        self._of: Counter[Hashable] = Counter()
        """Those of each person, that run and that wait."""
        self._asking = asyncio.Lock()
        self.count = 0
        """Number of those that have a place, and of the one that asks for it."""

    @asynccontextmanager
    async def place(self, person: Hashable, running: int, endpoint: Endpoint) -> AsyncIterator[None]:
        """Hold a place for a call of this endpoint. `running` is the number of the person's replies.

        Raises ShuttingDownError, TooManyRepliesError and NoPlaceError.
        """
        limit = self._admit().limits.per_person
        if running + self._of[person] >= limit:
            raise TooManyRepliesError(limit=limit)
        self._of[person] += 1
        try:
            async with (
                self._asking
            ):  # one after the other, or of two that ask for the last place none gets it
                while not await self._take(endpoint):  # noqa: ASYNC110 - other processes free places too
                    await asyncio.sleep(LOOK_SECONDS)
            try:
                yield
            finally:
                self.count -= 1
        finally:
            self._of[person] -= 1

    async def _take(self, endpoint: Endpoint) -> bool:
        """Take a place where there is one. It counts while it is asked for: nobody else may take it."""
        admit = replace(self._admit(), aside=self.count)
        self.count += 1
        has_place = False
        try:
            has_place = await self._writer.run(admission.has_place_aside, endpoint, admit)
        finally:
            self.count -= not has_place
        return has_place
