"""Matching of words in the index of whichever database this is."""

from typing import Final

from django.db import connection
from django.db.models.expressions import RawSQL

from vision_chat.models import MessageWords, TitleWords
from vision_chat.services.search import _fts5, _tsvector
from vision_chat.services.search.query import Query, Table

MESSAGES: Final = Table(MessageWords._meta.db_table, key="message_id", has_ages=True)
TITLES: Final = Table(TitleWords._meta.db_table, key="id", has_ages=False)
MAX_KEY: Final = 2**63 - 1


def newest(table: Table, query: Query, *, limit: int, below: int = MAX_KEY) -> list[int]:
    """Return the highest keys below `below` of rows that match."""
    find = _tsvector.newest if _is_postgresql() else _fts5.newest
    return find(table, query, below, limit)


def every(table: Table, query: Query) -> RawSQL:
    """Return the keys of all rows that match, as a subquery."""
    statement = _tsvector.statement if _is_postgresql() else _fts5.statement
    text, matched = statement(table, query)
    return RawSQL(text, [matched])  # noqa: S611 - what a person typed is its parameter


def is_sound() -> bool:
    """Tell whether the index agrees with the rows. PostgreSQL sees to that itself."""
    return _is_postgresql() or all(_fts5.is_sound(table) for table in (MESSAGES, TITLES))


def remake() -> None:
    """Make the index anew from the rows. With SQLite nothing can be written meanwhile."""
    for table in (MESSAGES, TITLES):
        if not _is_postgresql():
            _fts5.remake(table)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"
