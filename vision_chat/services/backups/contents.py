"""What a backup is made of, by the models there are: columns with files, numbers of rows, migrations."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import FileField

from vision_chat.models import AuditHead, DeletedFile
from vision_chat.services.backups.snapshots import Snapshot, rows_of

MIGRATIONS: Final = "SELECT app || '.' || name FROM django_migrations ORDER BY id"


def file_names(taken: Snapshot) -> Iterator[str]:
    """Yield the names of all files that a row has, each once. What is to be deleted is not among them."""
    columns = [
        f"SELECT {_quoted(field.column)} AS name FROM {_quoted(model._meta.db_table)}"  # noqa: S608 - names of models
        for model in apps.get_app_config("vision_chat").get_models()
        if model is not DeletedFile
        for field in model._meta.concrete_fields
        if isinstance(field, FileField) and field.column
    ]
    every = " UNION ".join(columns)
    yield from (
        name
        for (name,) in rows_of(taken, f"SELECT name FROM ({every}) AS files WHERE name <> '' ORDER BY 1")  # noqa: S608 - the same
    )


def numbers_of_rows(taken: Snapshot) -> dict[str, int]:
    """Return how many rows each table has."""
    tables = sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    return {table: _number(taken, f"SELECT COUNT(*) FROM {_quoted(table)}") for table in tables}  # noqa: S608 - the same


def migrations(taken: Snapshot) -> list[str]:
    """Return the migrations that the database has."""
    return [name for (name,) in rows_of(taken, MIGRATIONS)]


def audit_sequence(taken: Snapshot) -> int:
    """Return the number of the last entry of the audit log."""
    return _number(taken, f"SELECT MAX(sequence) FROM {_quoted(AuditHead._meta.db_table)}")  # noqa: S608 - the same


def version() -> str:
    """Return the version of this code, "" where it lies apart from its pyproject.toml."""
    path = Path(settings.BASE_DIR) / "pyproject.toml"
    return str(tomllib.loads(path.read_text())["project"]["version"]) if path.exists() else ""


def _number(taken: Snapshot, statement: str) -> int:
    ((number,),) = rows_of(taken, statement)
    return int(number or 0)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
