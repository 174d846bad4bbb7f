"""The sessions that this process has lately found to be somebody's: an invented cookie is none of them."""

from collections import OrderedDict

KEPT = 10_000


class KnownSessions:
    """Keys of sessions with the ids of their people, those that were used last.

    Only in memory: after a restart a person's first page counts as a stranger's.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._people: OrderedDict[str, int] = OrderedDict()

    def __contains__(self, key: str | None) -> bool:
        return key in self._people

    def add(self, key: str, person_id: int) -> None:
        """Remember whose session it was just found to be."""
        self._people[key] = person_id
        self._people.move_to_end(key)
        if len(self._people) > self._kept:
            self._people.popitem(last=False)

    def person_of(self, key: str | None) -> int | None:
        """Return whose session it is, where that is known. Whether it has ended since is not."""
        return None if key is None else self._people.get(key)


known_sessions = KnownSessions()
