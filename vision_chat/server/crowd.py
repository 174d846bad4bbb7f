"""All connections of this process, and how many there may be.

Where descriptors run out nobody can come in, nor can the server open its database. So the oldest connection
of somebody who is not known makes room for a new one, and who is signed in gets in.
"""

import logging
import resource
from typing import Protocol

from vision_chat.server.occasional import OccasionalWarning

logger = logging.getLogger(__name__)

STRANGERS = 1000
RESERVED_DESCRIPTORS = 256
"""For files, the database, Redis and the endpoint."""


class Connection(Protocol):
    def abort(self) -> None: ...


class Crowd:
    """Counts connections, and closes one too many. Strangers are kept in the order of their coming."""

    def __init__(self, most: int, most_strangers: int = STRANGERS) -> None:
        self._most = most
        self._most_strangers = most_strangers
        self._strangers: dict[Connection, None] = {}
        self._people: set[Connection] = set()
        self._warn = OccasionalWarning(
            logger,
            "%s connections are open, %s of people who are signed in; the oldest of others are closed. "
            f"The descriptors of this process allow {most}, and {most_strangers} may be of others",
        )

    @property
    def stranger_count(self) -> int:
        return len(self._strangers)

    def enter(self, connection: Connection) -> None:
        self._strangers[connection] = None
        is_full = len(self._strangers) + len(self._people) > self._most
        if is_full or len(self._strangers) > self._most_strangers:
            self._warn(len(self._strangers) + len(self._people), len(self._people))
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.abort()

    def is_stranger(self, connection: Connection) -> bool:
        return connection in self._strangers

    def recognise(self, connection: Connection) -> None:
        """Keep the connection: it is that of a person who is signed in."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._people.add(connection)

    def leave(self, connection: Connection) -> None:
        self._strangers.pop(connection, None)
        self._people.discard(connection)


def raise_descriptor_limit() -> int:
    """Take as many descriptors as the system allows, and return their number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def descriptor_limit() -> int:
    """Return how many connections this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft - RESERVED_DESCRIPTORS, soft // 2)
