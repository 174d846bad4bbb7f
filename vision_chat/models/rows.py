"""Select, insert and update without composing the same SQL anew each time.

The ORM takes four times as long to compose such a statement as SQLite to carry it out, and a turn has
ten of them. Values go through the fields' own conversions, as the ORM's do; there are no signals.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Columns = tuple["models.Field[Any, Any]", ...]


def select(model: type[Row], where: Mapping[str, object], *, for_update: bool = False) -> list[Row]:
    """As `model.objects.filter(**where).order_by("pk")`, for attributes that are not null."""
    statement, columns = _select(model, tuple(where))
    if for_update and connection.features.has_select_for_update:
        statement += " FOR UPDATE"
    return list(model._default_manager.raw(statement, _prepared(columns, where.values())))


def insert(row: models.Model) -> None:
    """As `row.save(force_insert=True)`: the row gets its number where the database gives it."""
    statement, columns, gets_number = _insert(type(row))
    values = _prepared(columns, [getattr(row, column.attname) for column in columns])
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if gets_number:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def update(row: models.Model, values: Mapping[str, object], *, only_where: Mapping[str, object]) -> bool:
    """Write `values`, by attribute name, where the row still has those of `only_where`. Says whether."""
    statement, columns = _update(type(row), tuple(values), tuple(only_where))
    given = [*values.values(), *only_where.values(), row.pk]
    with connection.cursor() as cursor:
        cursor.execute(statement, _prepared(columns, given))
        return bool(cursor.rowcount > 0)


def _prepared(columns: Columns, values: Iterable[object]) -> list[Any]:
    return [column.get_db_prep_save(value, connection) for column, value in zip(columns, values, strict=True)]


@cache
def _select(model: type[models.Model], guards: tuple[str, ...]) -> tuple[str, Columns]:
    meta = model._meta
    guarding = _columns(model, guards)
    return (
        f"SELECT * FROM {_quoted(meta.db_table)} WHERE {_equal(guarding, ' AND ')}"  # noqa: S608
        f" ORDER BY {_quoted(_key(model).column)}",
        guarding,
    )


@cache
def _insert(model: type[models.Model]) -> tuple[str, Columns, bool]:
    key = _key(model)
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
    changed, guarding = _columns(model, names), (*_columns(model, guards), _key(model))
    table = _quoted(model._meta.db_table)
    statement = f"UPDATE {table} SET {_equal(changed, ', ')} WHERE {_equal(guarding, ' AND ')}"  # noqa: S608
    return statement, (*changed, *guarding)


def _columns(model: type[models.Model], names: Iterable[str]) -> Columns:
    by_name = {column.attname: column for column in model._meta.local_concrete_fields}
    return tuple(by_name[name] for name in names)


def _equal(columns: Columns, separator: str) -> str:
    return separator.join(f"{_quoted(column.column)} = %s" for column in columns)


def _key(model: type[models.Model]) -> "models.Field[Any, Any]":
    key = model._meta.pk
    assert key is not None
    return key


def _quoted(name: str | None) -> str:
    assert name is not None
    return str(connection.ops.quote_name(name))
