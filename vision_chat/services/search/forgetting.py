"""Forgetting the words of what was deleted, which SQLite's index keeps until its parts are merged."""

from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from vision_chat.services.search.matching import MESSAGES, TITLES

PAGES: Final = 64
"""Pages of the index that one step writes; a question waits at most so long."""
_NOTHING: Final = 2
"""Rows that change where there was nothing to merge: one fewer, as SQLite documents it."""


def begin() -> int:
    """Begin to merge each index into one part, which has no word of a deleted row. Returns 0 where it is one.

    Other databases have indexes of another kind, and there is nothing to do.
    """
    return _merge(-PAGES)


def go_on() -> int:
    """Go on with what was begun. Returns 0 at last."""
    return _merge(PAGES)


def _merge(pages: int) -> int:
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        return sum(_merge_index(cursor, f"{table.name}_index", pages) for table in (MESSAGES, TITLES))


def _merge_index(cursor: CursorWrapper, index: str, pages: int) -> int:
    before = connection.connection.total_changes
    cursor.execute(f"INSERT INTO {index}({index}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608 - the name of a model's table
    return int(connection.connection.total_changes - before >= _NOTHING)
