"""What a backup is refused for, before anything is changed."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import override_settings

from tests.support.models_of_sites import endpoint
from vision_chat.errors.backups import BackupError, DamagedBackupError
from vision_chat.services.backups import restoring
from vision_chat.services.backups.archive import ArchiveWriter
from vision_chat.services.backups.manifest import Manifest
from vision_chat.services.backups.progress import Progress
from vision_chat.services.backups.restoring import Backup, Checked

MANIFEST = Manifest(
    format=1,
    made_at=datetime(2026, 1, 31, 3, tzinfo=UTC),
    version="0.2.0",
    database=connection.vendor,
    database_version="1",
    migrations=["auth.0001_initial", "vision_chat.0001_tables"],
    rows={},
    files=2,
    audit_sequence=0,
)
WHOLE = {
    "manifest.json": MANIFEST.encoded(),
    "media/images/a": b"a",
    "missing.txt": b"images/b\n",
    "audit/2026-01-31.txt": b"",
    "database": b"rows",
}


def checked(folder: Path, values: Mapping[str, bytes]) -> Checked:
    with (folder / "site.tar").open("wb") as file, ArchiveWriter(file, folder) as archive:
        for name, data in values.items():
            archive.add(name, len(data), io.BytesIO(data))
    return restoring.check(Backup(folder / "site.tar", "", folder), Progress(str))


def test_what_is_whole_is_told(tmp_path: Path) -> None:
    found = checked(tmp_path, WHOLE)
    assert found.manifest == MANIFEST
    assert (found.files, found.missing, found.missing_names) == (1, 1, ["images/b"])


@pytest.mark.parametrize("left_out", ["manifest.json", "database", "media/images/a", "missing.txt"])
def test_one_without_a_part_is_refused(tmp_path: Path, left_out: str) -> None:
    with pytest.raises(DamagedBackupError, match="parts of it are missing"):
        checked(tmp_path, {name: data for name, data in WHOLE.items() if name != left_out})


@pytest.mark.parametrize(
    "name", ["secret_key", "media/images/../../secret_key", "media//secret_key", "audit/../secret_key"]
)
def test_a_part_that_does_not_belong_into_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DamagedBackupError, match="secret_key"):
        checked(tmp_path, WHOLE | {name: b""})


def test_a_list_of_missing_files_that_is_none_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackupError, match="no list of names"):
        checked(tmp_path, WHOLE | {"missing.txt": bytes(10_000_000)})


def test_names_of_missing_files_are_counted_and_some_are_told(tmp_path: Path) -> None:
    many = b"".join(b"images/%06d\n" % number for number in range(50_000))
    manifest = replace(MANIFEST, files=50_001)
    found = checked(tmp_path, WHOLE | {"missing.txt": many, "manifest.json": manifest.encoded()})

    assert found.missing == 50_000
    assert found.missing_names == [f"images/{number:06}" for number in range(restoring.NAMED)]


def test_one_that_fits_is_taken() -> None:
    restoring.require_fitting(replace(MANIFEST, database=connection.vendor))


def test_one_of_another_database_is_refused() -> None:
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    with pytest.raises(BackupError, match="DATABASE_URL names"):
        restoring.require_fitting(replace(MANIFEST, database=other))


def test_one_of_a_later_version_is_refused() -> None:
    later = replace(MANIFEST, migrations=[*MANIFEST.migrations, "vision_chat.9999_later"])
    with pytest.raises(BackupError, match=r"does not know vision_chat\.9999_later"):
        restoring.require_fitting(replace(later, database=connection.vendor))


@pytest.mark.django_db
def test_keys_that_cannot_be_read_are_named() -> None:
    endpoint("Stored", key="sk-1")
    endpoint("Without a key")
    endpoint("Of a variable", key_variable="CHAT_KEY_OTHER")
    assert restoring.keys_to_enter() == ["Of a variable"]
    with override_settings(SECRET_KEY="another"):
        assert restoring.keys_to_enter() == ["Of a variable", "Stored"]
