"""The statements that threads of the database send, each of which has a connection of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ON_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@contextmanager
def sent_statements() -> Iterator[list[str]]:
    """Collect the statements on rows that are sent over connections which are opened meanwhile."""
    found: list[str] = []

    def collect(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith(ON_ROWS):
            found.append(sql)
        return execute(sql, *arguments)

    def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
        connection.execute_wrappers.append(collect)

    connection_created.connect(watch)
    try:
        yield found
    finally:
        connection_created.disconnect(watch)
