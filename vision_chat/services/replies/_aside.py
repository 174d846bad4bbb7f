"""Places for calls that write no reply and have no row: each process counts its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Final

from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.replies import admission
from vision_chat.services.replies.slots import Door
from vision_chat.services.writer import Writer

LOOK_SECONDS: Final = 0.5
"""Interval of looks for a free slot. Replies that wait come first."""


class Aside:
    """The calls of this process that have a slot and write no reply. Used on the event loop only."""

    def __init__(self, writer: Writer, admit: Callable[[], Door]) -> None:
        self._writer = writer
        self._admit = admit
        self._of: Counter[Hashable] = Counter()
        """Those of each person, that run and that wait."""
        self._asking = asyncio.Lock()
        self._at: Counter[str] = Counter()
        """Those that have a slot, and the one that asks for it, by the address of their endpoint."""

    @property
    def by_address(self) -> Counter[str]:
        """Return how many have a slot at each endpoint."""
        return self._at.copy()

    @property
    def count(self) -> int:
        return self._at.total()

    @asynccontextmanager
    async def slot(
        self, person: Hashable, running: int, endpoint: Endpoint, *, seconds: float
    ) -> AsyncIterator[None]:
        """Hold a slot for a call of this endpoint. `running` is the number of the person's replies.

        Raises ShuttingDownError, TooManyRepliesError, and NoPlaceError where there is none within `seconds`.
        """
        limit = self._admit().limits.per_person
        if running + self._of[person] >= limit:
            raise TooManyRepliesError(limit=limit)
        self._of[person] += 1
        try:
            await self._wait_for_slot(endpoint, seconds)
            try:
                yield
            finally:
                self._at[endpoint.address] -= 1
        finally:
            self._of[person] -= 1

    async def _wait_for_slot(self, endpoint: Endpoint, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not await self._take(endpoint):  # noqa: ASYNC110 - other processes free slots too
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            raise NoPlaceError from error

    async def _take(self, endpoint: Endpoint) -> bool:
        """Take a slot where there is one. It counts while it is asked for: nobody else may take it."""
        async with self._asking:  # one after the other, or of two that ask for the last slot none gets it
            admit = self._admit()
            self._at[endpoint.address] += 1
            has_slot = False
            try:
                has_slot = await self._writer.run(admission.has_slot_aside, endpoint, admit)
            finally:
                self._at[endpoint.address] -= not has_slot
            return has_slot
