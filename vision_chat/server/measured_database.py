"""The failures of statements, and the pool of connections, for the metrics."""

from collections.abc import Callable
from typing import Any, Final

from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

from vision_chat.services.metrics import measured

FAILURES: Final = {"connections_errors": "connect", "requests_errors": "no_connection"}
"""What the pool calls its failures, and what they are called here."""


def count_errors() -> None:
    """Count the statements of this process that fail, on every connection that it opens from now on."""
    connection_created.connect(_observe, dispatch_uid="metrics")


def _observe(*, connection: Any, **_: Any) -> None:
    # sent once more for each connection that one object takes out of the pool
    if _counting not in connection.execute_wrappers:
        connection.execute_wrappers.append(_counting)


def _counting(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - as Django calls it
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        measured.DATABASE_ERRORS.add(1, type(error).__name__)
        raise


def pool_of_this_process() -> Any:
    """Return the pool to PostgreSQL; None where there is none."""
    return getattr(connection, "pool", None)


class Pool:
    """The pool of connections, which keeps sums of those that it could not open or hand out."""

    def __init__(self, pool: Callable[[], Any] = pool_of_this_process) -> None:
        self._pool = pool
        self._counted = dict.fromkeys(FAILURES, 0)

    def sample(self) -> None:
        """Take a sample of the pool; SQLite has none."""
        pool = self._pool()
        if pool is None:
            return
        stats: dict[str, int] = pool.get_stats()
        idle = stats.get("pool_available", 0)
        measured.CONNECTIONS.set(stats.get("pool_size", 0) - idle, "in_use")
        measured.CONNECTIONS.set(idle, "idle")
        measured.CONNECTIONS_AWAITED.set(stats.get("requests_waiting", 0))
        for name, kind in FAILURES.items():
            count = stats.get(name, 0)
            measured.DATABASE_ERRORS.add(count - self._counted[name], kind)
            self._counted[name] = count
