"""Matching with SQLite's FTS5, whose index has its rows in order: the newest are read first."""

from django.db import connection

from vision_chat.services.search.fold import Term
from vision_chat.services.search.query import Query, Table


def statement(table: Table, query: Query) -> tuple[str, str]:
    """Return a statement for the keys of all rows that match, and its parameter."""
    index = f"{table.name}_index"
    conditions = [*map(_quoted, query.marks), *map(_term, query.terms)]
    return f"SELECT rowid FROM {index} WHERE {index} MATCH %s", " AND ".join(conditions)  # noqa: S608 - the name of a model's table


def newest(table: Table, query: Query, below: int, limit: int) -> list[int]:
    """Return the highest keys below `below` of rows that match."""
    text, matched = statement(table, query)
    with connection.cursor() as cursor:
        cursor.execute(f"{text} AND rowid < %s ORDER BY rowid DESC LIMIT %s", [matched, below, limit])
        return [row[0] for row in cursor.fetchall()]


def _term(term: Term) -> str:
    return f"{_quoted(term.token)} *" if term.is_prefix else _quoted(term.token)


def _quoted(token: str) -> str:
    return f'"{token}"'
