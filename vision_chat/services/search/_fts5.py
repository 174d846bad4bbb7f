"""Matching with SQLite's FTS5, whose index has its rows in order: the newest are read first."""

from django.db import DatabaseError, connection

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


def is_sound(table: Table) -> bool:
    """Tell whether the index agrees with the rows of the table."""
    try:
        _command(table, "integrity-check", rank=1)
    except DatabaseError as error:
        if "malformed" not in str(error):
            raise
        return False
    return True


def remake(table: Table) -> None:
    """Make the index anew from the rows of the table."""
    _command(table, "rebuild", rank=0)


def _command(table: Table, command: str, rank: int) -> None:
    index = f"{table.name}_index"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {index} ({index}, rank) VALUES (%s, %s)", [command, rank])  # noqa: S608 - the name of a model's table


def _term(term: Term) -> str:
    return f"{_quoted(term.token)} *" if term.is_prefix else _quoted(term.token)


def _quoted(token: str) -> str:
    return f'"{token}"'
