"""One moment of the database, while others go on writing: rows of it, and the whole of it as a file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import IO, Any, Final, Protocol

from django.db import connection
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper

from vision_chat.services.backups import postgresql
from vision_chat.services.backups.postgresql import Tick

PAGES: Final = 2000
"""Pages of SQLite that are copied between two ticks: 8 MB."""


class Snapshot(Protocol):
    """One moment of the database. `dump` returns a file without a name, so that no kill leaves it."""

    database: BaseDatabaseWrapper
    version: str

    def dump(self, scratch: Path, tick: Tick) -> IO[bytes]: ...


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold a moment of the database, on a connection of its own. Writers go on."""
    database = connection.copy(alias=NO_DB_ALIAS)
    try:
        if database.vendor == "postgresql":
            yield _OfPostgreSQL(database)
        else:
            yield _OfSQLite(database)
    finally:
        database.close()


def rows_of(taken: Snapshot, statement: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement, a few in memory at a time."""
    with taken.database.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(1000):
            yield from rows


class _OfSQLite:
    """A transaction that only reads keeps its moment: the copy is not begun anew where others write."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self.database = database
        self.version = sqlite3.sqlite_version
        with database.cursor() as cursor:
            # not Django's `atomic`, which would keep others from writing
            cursor.execute("BEGIN DEFERRED")
            cursor.execute("SELECT COUNT(*) FROM sqlite_master")

    def dump(self, scratch: Path, tick: Tick) -> IO[bytes]:
        handle, name = mkstemp(dir=scratch)
        file = os.fdopen(handle, "rb")
        try:
            with closing(sqlite3.connect(name, isolation_level=None)) as copy:
                # it is thrown away where anything fails
                copy.execute("PRAGMA journal_mode=OFF")
                copy.execute("PRAGMA synchronous=OFF")
                Path(name).unlink()
                source: sqlite3.Connection = self.database.connection
                source.backup(copy, pages=PAGES, progress=lambda *_: tick())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            file.close()
            raise
        return file


class _OfPostgreSQL:
    """A transaction whose moment pg_dump is given, so that both see the same."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self.database = database
        major = postgresql.major_version(database)
        postgresql.require("pg_dump", major)
        self.version = str(major)
        database.set_autocommit(False)
        with database.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # the transaction waits for pg_dump, and a server may have little patience with such
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            self._name = str(cursor.fetchone()[0])

    def dump(self, scratch: Path, tick: Tick) -> IO[bytes]:
        file = TemporaryFile(dir=scratch)  # noqa: SIM115 - the caller closes it
        try:
            postgresql.dump(self.database.settings_dict, self._name, file, tick)
        except BaseException:
            file.close()
            raise
        return file
