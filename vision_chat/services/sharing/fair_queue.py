"""A queue in which people take turns, so that one who asks for much holds up nobody else."""

from collections import deque
from collections.abc import Container, Hashable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")
_NOBODY = object()


class FairQueue(Generic[Item]):
    """Round robin: one item of each person in turn, each person's own items in their order."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, deque[Item]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __iter__(self) -> Iterator[Item]:
        """Yield the items in the order in which `get` returns them."""
        ahead = FairQueue[Item]()
        ahead._lines = {person: deque(line) for person, line in self._lines.items()}
        while ahead:
            yield ahead.get()

    def put(self, person: Hashable, item: Item) -> None:
        """Add an item to the end of the person's own line."""
        self._lines.setdefault(person, deque()).append(item)

    def get(self, busy: Container[Hashable] = ()) -> Item:
        """Remove and return the next item of a person who is not `busy`. Raises LookupError without one."""
        person = next((person for person in self._lines if person not in busy), _NOBODY)
        if person is _NOBODY:
            raise LookupError
        line = self._lines.pop(person)
        item = line.popleft()
        if line:
            self._lines[person] = line  # at the end: everybody else comes first
        return item

    def discard(self, person: Hashable, item: Item) -> None:
        """Remove an item of the person's, where it still waits."""
        line = self._lines.get(person, deque())
        if item in line:
            line.remove(item)
            if not line:
                del self._lines[person]
