"""Slots of running replies: how many there are, who takes the next one, and who waits how long.

Only the rule: `admission` counts in the database, and `line` takes.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from vision_chat.services.sharing.fair_queue import FairQueue

SHARE = 4
"""Of what may wait, one person may take the fourth part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLimits:
    """Most replies of a site that run at once, that wait at one endpoint, and that one person has.

    Each endpoint has its own number of those that wait: where one is paused its line fills, and no other.
    """

    per_person: int = 4
    at_once: int = 200
    waiting: int = 20

    @property
    def at_one_in_trouble(self) -> int:
        """Most that run at an endpoint in trouble: those that wait for it leave others their slots."""
        return max(1, self.at_once // 2)

    @property
    def waiting_per_person(self) -> int:
        """Most that wait of one person, wherever: nobody fills a line alone."""
        return -(-self.waiting // SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The way of new replies into a process: its boot id and the limits that hold there.

    `aside` is the number of its calls that have a slot and no row, by the address of their endpoint.
    """

    boot_id: str
    limits: ReplyLimits
    aside: Mapping[str, int] = field(default_factory=dict)


class InLine(NamedTuple):
    """A reply that waits for a slot, `since` its person joined the line, or was served last."""

    generation_id: int
    message_id: int
    person: int | None
    endpoint: str
    since: datetime


@dataclass(slots=True)
class Room:
    """The slots that are free: in all, and at the endpoints that have a limit of their own."""

    free: int
    free_at: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, at_once: int, running: Mapping[str, int], most_at: Mapping[str, int]) -> "Room":
        """Count what `running` replies, by endpoint, leave of `at_once` and of each endpoint's limit."""
        free_at = {endpoint: most - running.get(endpoint, 0) for endpoint, most in most_at.items()}
        return cls(at_once - sum(running.values()), free_at)

    def is_full(self, endpoint: str) -> bool:
        """Tell whether an endpoint takes no further reply."""
        return self.free_at.get(endpoint, 1) <= 0

    def has_slot(self, endpoint: str) -> bool:
        return self.free > 0 and not self.is_full(endpoint)

    def take(self, endpoint: str) -> None:
        """Count a slot as taken."""
        self.free -= 1
        if endpoint in self.free_at:
            self.free_at[endpoint] -= 1


def in_turn(line: Iterable[InLine]) -> FairQueue[InLine]:
    """Return replies as people take turns: each person's first, by how long they wait, then the second."""
    queue: FairQueue[InLine] = FairQueue()
    for each in sorted(line, key=lambda each: (each.since, each.generation_id)):
        queue.put(each.person, each)
    return queue


def next_ones(line: Collection[InLine], room: Room) -> Iterator[InLine]:
    """Yield those that may be taken, in turn. A full endpoint holds up nobody who asks another one."""
    waiting = in_turn(each for each in line if room.has_slot(each.endpoint))
    while waiting and room.free > 0:
        each = waiting.get()
        if room.has_slot(each.endpoint):
            room.take(each.endpoint)
            yield each


def wanted(line: Collection[InLine], room: Room, held: int) -> int:
    """Count those of the line that would have a slot if so many more were free, and have none now."""
    now, then = (Room(room.free + more, dict(room.free_at)) for more in (0, held))
    return len(list(next_ones(line, then))) - len(list(next_ones(line, now)))


def ahead_of_each(line: Collection[InLine], room: Room) -> dict[int, int]:
    """Return how many are taken before each of them, by message.

    Those for a full endpoint are ahead of others there alone.
    """
    ahead: dict[int, int] = {}
    elsewhere, at_full = 0, Counter[str]()
    for each in in_turn(line):
        ahead[each.message_id] = elsewhere + at_full[each.endpoint]
        if room.is_full(each.endpoint):
            at_full[each.endpoint] += 1
        else:
            elsewhere += 1
    return ahead
