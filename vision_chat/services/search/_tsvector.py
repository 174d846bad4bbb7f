"""Matching with PostgreSQL's tsvector and a GIN index, which knows no order: the latest ages come first."""

from django.db import connection, transaction

from vision_chat.services.search.fold import Term
from vision_chat.services.search.marks import age_mark, age_of
from vision_chat.services.search.query import Query, Table

_AGES = (2, 12)
"""So many of the latest ages are asked, then all."""
_INDEXED_PREFIX = 3
"""Prefixes up to this length are lexemes of their own, with a star."""


def statement(table: Table, query: Query) -> tuple[str, str]:
    """Return a statement for the keys of all rows that match, and its parameter."""
    conditions = [*map(_quoted, query.marks), *map(_term, query.terms)]
    text = f"SELECT {table.key} FROM {table.name} WHERE vision_chat_lexemes(tokens) @@ %s::tsquery"  # noqa: S608 - names of a model's table
    return text, " & ".join(conditions)


def newest(table: Table, query: Query, below: int, limit: int) -> list[int]:
    """Return the highest keys below `below` of rows that match."""
    text, matched = statement(table, query)
    text += f" AND {table.key} < %s ORDER BY {table.key} DESC LIMIT %s"
    below = min(below, _last_key(table) + 1)
    found: list[int] = []
    for ages in _AGES if table.has_ages else ():
        found = _keys(text, [matched + _of_latest(ages, below), below, limit])
        if len(found) == limit:
            return found
    return _keys(text, [matched, below, limit])


def _last_key(table: Table) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max({table.key}), 0) FROM {table.name}")  # noqa: S608 - names of a model's table
        return int(cursor.fetchone()[0])


def _keys(text: str, parameters: list[str | int]) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        # PostgreSQL does not know what the lexemes of a row cost, and may choose to make them for all rows
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL jit = off"
        )
        cursor.execute(text, parameters)
        return [row[0] for row in cursor.fetchall()]


def _of_latest(ages: int, below: int) -> str:
    """Return the condition that a row is of one of the latest ages before a key."""
    latest = age_of(below - 1)
    marks = map(age_mark, range(max(0, latest - ages + 1), latest + 1))
    return f" & ({' | '.join(map(_quoted, marks))})"


def _term(term: Term) -> str:
    if not term.is_prefix:
        return _quoted(term.token)
    if len(term.token) > _INDEXED_PREFIX:
        return f"{_quoted(term.token)}:*"
    return f"({_quoted(term.token)} | {_quoted(f'{term.token}*')})"


def _quoted(lexeme: str) -> str:
    return f"'{lexeme}'"
