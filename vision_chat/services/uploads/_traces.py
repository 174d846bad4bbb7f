"""Traces of deleted rows in the database's files."""

from typing import Final

from django.db import OperationalError, connection

_PATIENCE_MS: Final = 50
"""How long others may keep the journal; meanwhile nobody can write."""


def leave_no_trace() -> bool:
    """Empty the journal of SQLite, in which deleted rows can still be read. Returns whether that was done.

    Their places in the database itself are overwritten as they are deleted, by its setting `secure_delete`.
    Other databases have no such journal beside them, and there is nothing to do.
    """
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        is_busy = True
        try:
            is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except OperationalError:
            pass  # within a transaction, which holds the journal itself: it is done by the next sweep
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
    return not is_busy
