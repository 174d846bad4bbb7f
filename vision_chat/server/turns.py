"""Turns between those whose requests wait for Django, and a limit for those that it works on at once.

Django has a thread, and a connection to the database, for each request. Three hundred requests at once would
take three hundred of both, which PostgreSQL refuses to everybody. So the others wait, and each caller in turn
gets the next place.
"""

import asyncio
from collections import Counter, deque
from typing import NamedTuple

from vision_chat.errors.server import BusyError
from vision_chat.server.places import Places


class Caller(NamedTuple):
    """The asker: a session where it is known to be somebody's, else an address."""

    name: str
    is_known: bool


class Turns:
    """Grants the places. Used on one event loop."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._working: Counter[Caller] = Counter()
        self._waiting: dict[Caller, deque[asyncio.Future[None]]] = {}

    async def take(self, caller: Caller) -> None:
        """Wait for a place; `give_back` frees it. Raises BusyError where too many wait, or after a while."""
        if not self._waiting.get(caller) and self._has_place(caller):
            self._working[caller] += 1
            return
        queue = self._waiting.get(caller, deque())
        waiting = sum(map(len, self._waiting.values()))
        if waiting >= self._places.waiting or len(queue) >= self._places.waiting_per_caller:
            raise BusyError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, queue).append(turn)
        try:
            async with asyncio.timeout(self._places.wait_seconds):
                await turn
        except BaseException as error:
            self._withdraw(caller, turn)
            if isinstance(error, TimeoutError):
                raise BusyError from error
            raise

    def give_back(self, caller: Caller) -> None:
        """Free a place, and let in who is next."""
        self._working[caller] -= 1
        if not self._working[caller]:
            del self._working[caller]
        while following := next(filter(self._has_place, self._waiting), None):
            queue = self._waiting.pop(following)
            turn = queue.popleft()
            if not turn.done():  # else it was cancelled, and its task has not run since
                self._working[following] += 1
                turn.set_result(None)
            if queue:
                self._waiting[following] = queue  # at the end: the others come first

    def _withdraw(self, caller: Caller, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.give_back(caller)
            return
        queue = self._waiting.get(caller, deque())
        if turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[caller]

    def _has_place(self, caller: Caller) -> bool:
        places, working = self._places, self._working
        if working.total() >= places.working or working[caller] >= places.working_per_caller:
            return False
        if caller.is_known:
            return True
        strangers = sum(count for other, count in working.items() if not other.is_known)
        return strangers < places.working_for_strangers
