"""Django's storages of files, whose accesses are counted and timed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from vision_chat.services.metrics import measured

Operation = Literal["open", "save", "delete"]


@contextmanager
def _access(operation: Operation) -> Iterator[None]:
    """Measure an access. That a file is not there is no failure of the storage."""
    begun = time.perf_counter()
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception:
        measured.STORAGE_ERRORS.add(1, operation)
        raise
    finally:
        measured.STORAGE_DURATION.observe(time.perf_counter() - begun, operation)


class Measured:
    """The part of a storage that measures; the class of the storage itself comes after it."""

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with _access("open"):
            opened: File[Any] = super()._open(name, mode)  # type: ignore[misc]  # of the class after this one
        return opened

    def _save(self, name: str, content: "File[Any]") -> str:
        with _access("save"):
            saved: str = super()._save(name, content)  # type: ignore[misc]  # the same
        return saved

    def delete(self, name: str) -> None:
        with _access("delete"):
            super().delete(name)  # type: ignore[misc]  # the same


class Folder(Measured, FileSystemStorage):
    """Files in a folder."""
