"""Where a backup is written to: a file that has its name when it is whole, or a stream."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from vision_chat.errors.backups import BackupError
from vision_chat.services.files.room import require_room

LOOK_AFTER: Final = 64_000_000
"""Bytes after which the disk is looked at."""


class WatchedFile:
    """A file that is not written on while less than `least_free` is free on its disk, which others need."""

    def __init__(self, file: IO[bytes], folder: Path, least_free: int) -> None:
        self._file = file
        self._folder = folder
        self.least_free = least_free
        self.written = 0
        self._looks_at = 0

    def write(self, data: bytes) -> int:
        if self.written >= self._looks_at:
            self._looks_at = self.written + LOOK_AFTER
            require_room(self.least_free, lambda: shutil.disk_usage(self._folder).free)
        self._file.write(data)
        self.written += len(data)
        return len(data)


@contextmanager
def new_file(path: Path, least_free: int) -> Iterator[WatchedFile]:
    """Write a file beside `path`, which gets its name when it is whole. Else nothing stays.

    Raises BackupError where there is such a file, or it cannot be written.
    """
    if path.exists():
        raise BackupError(problem=f"{path} is there already: choose another name.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupError(problem=f"{partial} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupError(problem=f"Another backup is writing {partial}.") from error
        try:
            file.truncate()  # what a backup that was killed has left
            yield WatchedFile(file, path.parent, least_free)
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
            _sync_folder(path.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """Let the new name outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
