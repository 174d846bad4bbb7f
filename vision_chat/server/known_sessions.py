"""The sessions that this process has lately found to be somebody's: an invented cookie is none of them."""

from collections import OrderedDict

KEPT = 10_000


class KnownSessions:
    """Keys of sessions, those that were used last.

    Only in memory: after a restart a person's first page counts as a stranger's.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str | None) -> bool:
        return key in self._keys

    def add(self, key: str) -> None:
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > self._kept:
            self._keys.popitem(last=False)


known_sessions = KnownSessions()
