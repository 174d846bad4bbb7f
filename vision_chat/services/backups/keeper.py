"""The hold on the files while a backup runs: moved on by a thread, and looked at by the backup."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, connection

from vision_chat.errors.backups import BackupError
from vision_chat.models import FileHold
from vision_chat.services.uploads import holds

RENEW_SECONDS: Final = holds.SECONDS / 6
NOT_HELD: Final = (
    "The computer or the database stood still for so long that files may have been deleted meanwhile. "
    "Begin the backup again."
)


class Keeper:
    """Moves a hold on until it is told to end. A database that is away for a moment is asked again."""

    def __init__(self, held: FileHold, seconds: float = RENEW_SECONDS) -> None:
        self._held = held
        self._seconds = seconds
        self._ended = threading.Event()
        self._is_lost = False
        self._thread = threading.Thread(target=self._run, name="backup-keeper", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise BackupError where files were not held all the time."""
        if self._is_lost:
            raise BackupError(problem=NOT_HELD)

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._seconds) and not self._is_lost:
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            self._is_lost = not holds.renew(self._held)
        except DatabaseError:
            connection.close()


@contextmanager
def holding_files() -> Iterator[Keeper]:
    """Hold all files. Raises BackupError at the end where they were not held up to then."""
    held = holds.hold()
    keeper = Keeper(held)
    try:
        yield keeper
    except BaseException:
        keeper.end()
        holds.release(held)
        raise
    keeper.end()
    if not holds.release(held):
        raise BackupError(problem=NOT_HELD)
