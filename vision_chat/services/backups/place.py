"""The place that a backup is restored into: whether it is empty, its database, and what is not its own."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import IO, Final, Protocol

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now

from vision_chat.errors.backups import BackupError, DamagedBackupError
from vision_chat.errors.turns import RestoredError
from vision_chat.models import EndpointState, FileHold, Generation, Lease, Site, WaitingMessage
from vision_chat.models.generation import STALE_AFTER
from vision_chat.services.audit import heads
from vision_chat.services.backups import postgresql
from vision_chat.services.backups.archive import PIECE, Readable
from vision_chat.services.conversations.dispatch import PASSING
from vision_chat.services.files.share import MARK

FUNCTIONS: Final = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'vision\\_chat\\_%'
"""
OF_THE_ORIGINAL: Final = (Site, FileHold, Lease, EndpointState)
"""Rows that are not this place's: the id on Redis, where a copy beside the original must not hear it, the
hold of the backup, the work of processes, and what they knew of endpoints."""
GONE: Final = "gone with the original"
"""The boot id of replies whose process is not in this place."""


def require_empty() -> None:
    """Raise BackupError where there are accounts, images, or daily files of an audit log."""
    if _has_accounts():
        raise BackupError(problem="The database has accounts: restore into an empty database.")
    if (name := _first_file("")) is not None:
        raise BackupError(
            problem=f"The place of the pictures has files, such as {name}: restore into an empty one."
        )
    if any(heads.folder().glob("*.txt")):
        raise BackupError(
            problem=f"{heads.folder()} has daily files of an audit log: move them away, and keep them."
        )


def _has_accounts() -> bool:
    table = get_user_model()._meta.db_table
    return table in connection.introspection.table_names() and get_user_model().objects.exists()


def _first_file(folder: str) -> str | None:
    """Return the name of a file in a folder of the storage, or below it; None where there is none."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return None
    beginning = f"{folder}/" if folder else ""
    if named := [name for name in files if name != MARK]:
        return f"{beginning}{named[0]}"
    found = (_first_file(f"{beginning}{name}") for name in folders if name)
    return next((name for name in found if name is not None), None)


class Database(Protocol):
    """The database of this place. `take` reads that of a backup, `finish` puts it into its place."""

    def take(self, source: Readable) -> None: ...

    def finish(self) -> None: ...

    def give_up(self) -> None: ...


def database() -> Database:
    """Return the database of the settings. Raises BackupError where its tools are missing."""
    return _PostgreSQL() if connection.vendor == "postgresql" else _SQLite()


class _SQLite:
    """A file that is written beside the database, and gets its name when all else is there."""

    def __init__(self) -> None:
        self._path = Path(connection.settings_dict["NAME"])
        self._partial = self._path.with_name(f"{self._path.name}.restored")

    def take(self, source: Readable) -> None:
        self.give_up()
        with created(self._partial) as file:
            while piece := source.read(PIECE):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if (answer := _checked(self._partial)) != "ok":
            raise DamagedBackupError(problem=f"its database is damaged ({answer}).")

    def finish(self) -> None:
        connection.close()
        for end in ("-wal", "-shm"):
            Path(f"{self._path}{end}").unlink(missing_ok=True)
            Path(f"{self._partial}{end}").unlink(missing_ok=True)
        self._partial.rename(self._path)

    def give_up(self) -> None:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._partial}{end}").unlink(missing_ok=True)


def _checked(path: Path) -> str:
    """Return what SQLite says of a file, "ok" where it is sound."""
    try:
        with closing(sqlite3.connect(path)) as database:
            return str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


class _PostgreSQL:
    """pg_restore reads the part; it writes everything in one transaction."""

    def __init__(self) -> None:
        postgresql.require("pg_restore", postgresql.major_version(connection))

    def take(self, source: Readable) -> None:
        _drop_tables()
        connection.close()
        postgresql.load(connection.settings_dict, source)

    def finish(self) -> None:
        """All is there."""

    def give_up(self) -> None:
        """Nothing is there, because of its one transaction."""


def _drop_tables() -> None:
    """Drop the tables of a server that was started here and has no accounts. Raises BackupError."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    recorder = MigrationRecorder.Migration._meta.db_table
    quoted = [connection.ops.quote_name(name) for name in (*names, recorder)]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(quoted)} CASCADE")
            cursor.execute(FUNCTIONS, None)
            for (function,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {function} CASCADE")
    except DatabaseError as error:
        raise BackupError(
            problem=f"The tables of the empty database cannot be replaced. Is a server running there? {error}"
        ) from error


def forget_original() -> None:
    """Delete rows that are not this place's, and let nothing be sent by itself, as the original may send it.

    The backup may be of before some tables. Replies, queued ones too, are left to the server as those of a
    process that died: it settles them as interrupted. Messages that wait ask their people.
    """
    present = connection.introspection.table_names()
    with transaction.atomic(), connection.cursor() as cursor:
        for model in OF_THE_ORIGINAL:
            if model._meta.db_table in present:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - names of models
        Generation.objects.running().update(boot_id=GONE, heartbeat_at=Now() - 2 * STALE_AFTER)
        if WaitingMessage._meta.db_table in present:
            WaitingMessage.objects.update(is_due=False)
            would_be_sent = WaitingMessage.objects.filter(refusal_code__in=["", *PASSING])
            would_be_sent.update(refusal_code=RestoredError.code, refusal_params={})


def created(path: Path) -> IO[bytes]:
    """Return a new file that its owner alone can read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
