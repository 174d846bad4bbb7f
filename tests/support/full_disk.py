"""A storage that fails as a disk does."""

import errno
from pathlib import Path
from typing import Any, cast

from django.core.files.storage import FileSystemStorage


class FullDisk(FileSystemStorage):
    """Takes one file, and half of the next."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._taken = 0

    def _save(self, name: str, content: Any) -> str:
        self._taken += 1
        if self._taken == 1:
            return cast(str, super()._save(name, content))  # type: ignore[misc]  # unknown to the stubs
        Path(self.path(name)).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")


class HesitantDisk(FileSystemStorage):
    """Gives a file back only when it was asked some times in vain."""

    def __init__(self, failures: int, **options: Any) -> None:
        super().__init__(**options)
        self._failures = failures

    def _open(self, name: str, mode: str = "rb") -> Any:
        if self._failures:
            self._failures -= 1
            raise OSError(errno.EIO, "no answer")
        return super()._open(name, mode)  # type: ignore[misc]  # unknown to the stubs
