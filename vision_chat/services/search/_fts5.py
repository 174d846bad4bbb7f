"""Matching with SQLite's FTS5, whose index has its rows in order: the newest are read first."""

from django.db import connection

from vision_chat.services.search.fold import Term
from vision_chat.services.search.query import Query, Table

_COUNT = "length(tokens) - length(replace(tokens, ' ', '')) + 1"


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


def is_sound(table: Table) -> bool:
    """Tell whether the index has as many words as the rows of the table.

    FTS5's own `integrity-check` is stricter, but nobody else can write meanwhile: for half a minute at
    400,000 messages.
    """
    vocabulary = f"temp.{table.name}_vocabulary"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE VIRTUAL TABLE {vocabulary} USING fts5vocab(main, '{table.name}_index', 'row')"
        )
        try:
            # in one statement, which sees both at the same moment
            cursor.execute(
                f"SELECT (SELECT total(doc) FROM {vocabulary}) = (SELECT total({_COUNT}) FROM {table.name})"  # noqa: S608 - the name of a model's table
            )
            return bool(cursor.fetchone()[0])
        finally:
            cursor.execute(f"DROP TABLE {vocabulary}")


def remake(table: Table) -> None:
    """Make the index anew from the rows of the table."""
    index = f"{table.name}_index"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608 - the name of a model's table


def _term(term: Term) -> str:
    return f"{_quoted(term.token)} *" if term.is_prefix else _quoted(term.token)


def _quoted(token: str) -> str:
    return f'"{token}"'
