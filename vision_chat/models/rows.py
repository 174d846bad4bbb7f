"""Select, insert and update without composing the same SQL anew each time.

The ORM takes four times as long to compose such a statement as SQLite to carry it out, and a turn has
ten of them. Values go through the fields' own conversions, as the ORM's do; there are no signals.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

Row = TypeVar("Row", bound=models.Model)
Columns = tuple["models.Field[Any, Any]", ...]
Conversion = tuple[int, Callable[[Any, Col, BaseDatabaseWrapper], Any], Col]
"""The place of a value in its row, and what converts it."""


def select(model: type[Row], where: Mapping[str, object], *, for_update: bool = False) -> list[Row]:
    """As `model.objects.filter(**where).order_by("pk")`, for attributes that are not null."""
    database = _database()
    conditions, columns = _select(model, tuple(where))
    if for_update and database.features.has_select_for_update:
        conditions += " FOR UPDATE"
    return read(model, conditions, _prepared(database, columns, where.values()))


def read(model: type[Row], conditions: str, values: Sequence[Any]) -> list[Row]:
    """The rows of `model` which `conditions`, SQL from WHERE on, leave of its table.

    `model.objects.raw` looks up the columns and their conversions anew for each query.
    """
    database = _database()
    beginning, names, conversions = _reading(model)
    with database.cursor() as cursor:
        cursor.execute(f"{beginning} {conditions}", values)
        found = [list(row) for row in cursor.fetchall()]
    for row in found:
        for place, convert, column in conversions:
            row[place] = convert(row[place], column, database)
    return [model.from_db(database.alias, names, row) for row in found]


def insert(row: models.Model) -> None:
    """As `row.save(force_insert=True)`: the row gets its number where the database gives it."""
    database = _database()
    statement, columns, gets_number = _insert(type(row))
    values = _prepared(database, columns, [getattr(row, column.attname) for column in columns])
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        if gets_number:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, database.alias


def update(row: models.Model, values: Mapping[str, object], *, only_where: Mapping[str, object]) -> bool:
    """Write `values`, by attribute name, where the row still has those of `only_where`. Says whether."""
    database = _database()
    statement, columns = _update(type(row), tuple(values), tuple(only_where))
    given = [*values.values(), *only_where.values(), row.pk]
    with database.cursor() as cursor:
        cursor.execute(statement, _prepared(database, columns, given))
        return bool(cursor.rowcount > 0)


def _database() -> BaseDatabaseWrapper:
    """The thread's connection itself: Django's stand-in for it looks it up at every attribute."""
    return connections[DEFAULT_DB_ALIAS]


def _prepared(database: BaseDatabaseWrapper, columns: Columns, values: Iterable[object]) -> list[Any]:
    return [column.get_db_prep_save(value, database) for column, value in zip(columns, values, strict=True)]


@cache
def _select(model: type[models.Model], guards: tuple[str, ...]) -> tuple[str, Columns]:
    guarding = _columns(model, guards)
    return f"WHERE {_equal(guarding, ' AND ')} ORDER BY {_quoted(_key(model).column)}", guarding


@cache
def _reading(model: type[models.Model]) -> tuple[str, list[str], list[Conversion]]:
    """The beginning of the statement, the attributes that it fills, and what turns values into Python's."""
    database = _database()
    columns = [column.get_col(model._meta.db_table) for column in model._meta.local_concrete_fields]
    conversions = [
        (place, convert, column)
        for place, column in enumerate(columns)
        for convert in (*database.ops.get_db_converters(column), *column.get_db_converters(database))
    ]
    table = _quoted(model._meta.db_table)
    names = ", ".join(f"{table}.{_quoted(column.target.column)}" for column in columns)
    return (
        f"SELECT {names} FROM {table}",  # noqa: S608
        [column.target.attname for column in columns],
        conversions,
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
    return str(_database().ops.quote_name(name))
