"""Insert and update without composing the same SQL anew each time.

The ORM takes four times as long to compose such a statement as SQLite to carry it out, and a turn has
seven of them. Values go through the fields' own conversions, as the ORM's do; there are no signals.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection, models

Columns = tuple["models.Field[Any, Any]", ...]


def insert(row: models.Model) -> None:
    """As `row.save(force_insert=True)`: the row gets its number where the database gives it."""
    statement, columns, gets_number = _insert(type(row))
    values = [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if gets_number:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def update(row: models.Model, values: Mapping[str, object], *, only_where: Mapping[str, object]) -> bool:
    """Write `values`, by attribute name, where the row still has those of `only_where`. Says whether."""
    statement, columns = _update(type(row), tuple(values), tuple(only_where))
    given = [*values.values(), *only_where.values(), row.pk]
    prepared = [
        column.get_db_prep_save(value, connection) for column, value in zip(columns, given, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, prepared)
        return bool(cursor.rowcount > 0)


@cache
def _insert(model: type[models.Model]) -> tuple[str, Columns, bool]:
    key = model._meta.pk
    assert key is not None
    gets_number = isinstance(key, models.AutoField | models.BigAutoField)
    columns = tuple(
        column for column in model._meta.local_concrete_fields if column is not key or not gets_number
    )
    names = ", ".join(_quoted(column.column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    returning = f" RETURNING {_quoted(key.column)}" if gets_number else ""
    table = _quoted(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({places}){returning}", columns, gets_number  # noqa: S608


@cache
def _update(
    model: type[models.Model], names: tuple[str, ...], guards: tuple[str, ...]
) -> tuple[str, Columns]:
    meta = model._meta
    by_name = {column.attname: column for column in meta.local_concrete_fields}
    key = meta.pk
    assert key is not None
    changed, guarding = [by_name[name] for name in names], [*(by_name[name] for name in guards), key]
    setting = ", ".join(f"{_quoted(column.column)} = %s" for column in changed)
    where = " AND ".join(f"{_quoted(column.column)} = %s" for column in guarding)
    return f"UPDATE {_quoted(meta.db_table)} SET {setting} WHERE {where}", (*changed, *guarding)  # noqa: S608


def _quoted(name: str | None) -> str:
    assert name is not None
    return str(connection.ops.quote_name(name))
