"""Places for running replies: so many at once, and a line in which people take turns for one."""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from vision_chat.services.sharing.fair_queue import FairQueue

Tell = Callable[[int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLimits:
    """Most replies that run at once for one person and for all, and most that wait for a place."""

    per_person: int = 4
    at_once: int = 200
    waiting: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The answer at the door of a new reply, from which its rows are made or refused."""

    boot_id: str
    max_per_person: int
    is_full: bool


class Place:
    """The place of one reply, taken or waited for. As a context it is waited for, and given up at the end."""

    def __init__(self, places: "Places", person: Hashable, tell: Tell) -> None:
        self.person = person
        self.tell = tell
        self.is_taken = asyncio.Event()
        self._places = places

    async def __aenter__(self) -> None:
        await self.is_taken.wait()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the place up, or no longer wait for it. Only the first call counts."""
        self._places.leave(self)


class Places:
    """The places of a process. Used on the event loop only."""

    def __init__(self, limits: ReplyLimits) -> None:
        self._limits = limits
        self._expected = 0
        self._taken: set[Place] = set()
        self._line: FairQueue[Place] = FairQueue()

    @contextmanager
    def expect(self) -> Iterator[bool]:
        """Expect a reply that asks for a place before the end of the context. Yields whether there is room.

        Of many that are asked for at the same moment, so only as many find room as there is.
        """
        at_most = self._limits.at_once + self._limits.waiting
        has_room = self._expected + len(self._taken) + len(self._line) < at_most
        self._expected += has_room
        try:
            yield has_room
        finally:
            self._expected -= has_room

    @property
    def taken_count(self) -> int:
        """The number of places that are taken."""
        return len(self._taken)

    @property
    def waiting_count(self) -> int:
        """The number of those that wait for a place."""
        return len(self._line)

    def ask(self, person: Hashable, tell: Tell) -> Place:
        """Return a place, taken at once where one is free. `tell` hears how many come first, None at last."""
        place = Place(self, person, tell)
        self._line.put(person, place)
        self._fill()
        return place

    def leave(self, place: Place) -> None:
        self._taken.discard(place)
        self._line.discard(place.person, place)
        self._fill()

    def _fill(self) -> None:
        while self._line and len(self._taken) < self._limits.at_once:
            place = self._line.get()
            self._taken.add(place)
            place.is_taken.set()
            place.tell(None)
        for ahead, place in enumerate(self._line):
            place.tell(ahead)
