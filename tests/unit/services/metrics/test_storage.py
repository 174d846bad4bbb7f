"""A folder of files, as the settings name it."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile, File

from tests.support.metrics import Noted, noted
from vision_chat.services.metrics import measured
from vision_chat.services.metrics.storage import Folder, Measured


def operations(seen: Noted) -> set[str]:
    return {operation for (operation,) in seen.of(measured.STORAGE_DURATION)}


class Broken:
    """A storage whose disk has a fault."""

    def _save(self, name: str, content: "File[Any]") -> str:
        raise OSError(5, "Input/output error")


class BrokenAndMeasured(Measured, Broken):
    pass


def test_each_access_is_timed_by_what_it_is(tmp_path: Path) -> None:
    folder = Folder(location=tmp_path)
    with noted(measured.STORAGE_DURATION, measured.STORAGE_ERRORS) as seen:
        name = folder.save("a.txt", ContentFile(b"text"))
        with folder.open(name) as file:
            assert file.read() == b"text"
        folder.delete(name)

    assert operations(seen) == {"save", "open", "delete"}
    assert seen.of(measured.STORAGE_ERRORS) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_counted_and_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    with noted(measured.STORAGE_DURATION, measured.STORAGE_ERRORS) as seen:
        with pytest.raises(FileNotFoundError):
            Folder(location=tmp_path).open("gone.txt")
        with pytest.raises(OSError, match="Input/output"):
            BrokenAndMeasured()._save("a.txt", ContentFile(b"text"))

    assert seen.of(measured.STORAGE_ERRORS) == {("save",): 1}


def test_the_pictures_of_the_site_lie_in_one() -> None:
    storages: Any = settings.STORAGES
    assert storages["default"]["BACKEND"] == f"{Folder.__module__}.{Folder.__name__}"
