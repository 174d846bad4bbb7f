"""What is in a backup, on either database."""

import io
import json
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support import audit_log, factories
from tests.support.deletions import finish_deletions
from vision_chat.models import AuditHead, Conversation, FileHold, UploadedImage
from vision_chat.services.audit import heads
from vision_chat.services.backups import making
from vision_chat.services.backups.archive import parts
from vision_chat.services.backups.making import Made
from vision_chat.services.backups.progress import Progress
from vision_chat.services.uploads import holds, storage

pytestmark = pytest.mark.each_database


@pytest.fixture
def scratch(tmp_path: Path, settings: Any) -> Path:
    """A folder for files without a name, and a folder of an audit log that is this test's own."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path / "var")
    (tmp_path / "var").mkdir()
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


class Target(io.BytesIO):
    """What is written to; `meanwhile` is called once, when the first bytes come."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._meanwhile: Callable[[], object] | None = meanwhile

    def write(self, data: Any) -> int:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().write(data)


def make(scratch: Path, target: Target | None = None) -> tuple[Made, dict[str, bytes]]:
    target = target or Target()
    made = making.make(target, scratch, "", Progress(str))
    assert list(scratch.iterdir()) == [], "nothing stays there"
    assert not FileHold.objects.exists()
    target.seek(0)
    return made, {part.name: part.file.read(part.size) for part in parts(target, scratch)}


def test_every_file_of_a_row_is_in_it(ann: User, scratch: Path) -> None:
    images = [factories.image(ann), factories.image(ann)]
    made, found = make(scratch)

    wanted = {f"media/{name}" for image in images for name in factories.file_names(image)}
    assert {name for name in found if name.startswith("media/")} == wanted
    assert {found[name] for name in wanted} == {b"bytes"}
    assert found["missing.txt"] == b""
    assert made.missing == 0
    assert made.manifest.files == 6


def test_the_manifest_says_what_is_in_it(ann: User, scratch: Path) -> None:
    factories.turn(factories.conversation(ann))
    _, found = make(scratch)
    manifest = json.loads(found["manifest.json"])

    assert manifest["database"] == connection.vendor
    assert manifest["version"]
    assert manifest["rows"]["auth_user"] == 1
    assert manifest["rows"]["vision_chat_message"] == 2
    assert "vision_chat.0001_tables" in manifest["migrations"]


def test_files_that_were_lost_before_are_named(ann: User, scratch: Path) -> None:
    image = factories.image(ann)
    factories.paths(image)[0].unlink()
    factories.paths(image)[1].unlink()
    factories.paths(image)[1].mkdir()
    made, found = make(scratch)

    assert made.missing == 2
    assert found["missing.txt"].decode().splitlines() == sorted(factories.file_names(image)[:2])
    assert len([name for name in found if name.startswith("media/")]) == 1
    factories.paths(image)[1].rmdir()


@pytest.mark.parametrize(("failures", "is_made"), [(2, True), (3, False)])
def test_a_storage_that_does_not_answer_is_asked_again(
    ann: User, scratch: Path, settings: Any, failures: int, *, is_made: bool
) -> None:
    factories.image(ann)
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "tests.support.full_disk.HesitantDisk",
            "OPTIONS": {"location": settings.VISION_CHAT.media_dir, "failures": failures},
        }
    }
    if not is_made:
        with pytest.raises(OSError, match="no answer"):
            making.make(Target(), scratch, "", Progress(str), pauses=(0, 0))
        assert not FileHold.objects.exists()
        return
    making.make(Target(), scratch, "", Progress(str), pauses=(0, 0))


def test_what_is_deleted_meanwhile_is_in_it_whole(ann: User, scratch: Path) -> None:
    image = factories.image(ann)
    names = factories.file_names(image)
    _, found = make(scratch, Target(lambda: storage.delete_unused([image])))

    assert not UploadedImage.objects.exists(), "no page shows it any more"
    assert {f"media/{name}" for name in names} <= found.keys()
    assert finish_deletions() == 3


def test_what_was_deleted_before_is_not_in_it(ann: User, scratch: Path) -> None:
    image = factories.image(ann)
    other = holds.hold()
    storage.delete_unused([image])
    made = making.make(Target(), scratch, "", Progress(str))

    assert made.manifest.files == 0
    holds.release(other)
    finish_deletions()


def test_what_is_written_meanwhile_is_not_in_it(ann: User, scratch: Path) -> None:
    made, _ = make(scratch, Target(lambda: factories.image(ann)))

    assert made.manifest.files == 0
    assert UploadedImage.objects.count() == 1


def test_daily_files_say_no_more_than_the_log_of_the_backup(ann: User, scratch: Path) -> None:
    audit_log.fill(ann, ann, 3)
    audit_log.publish()

    def go_on() -> None:
        audit_log.fill(ann, ann, 2)
        audit_log.publish()

    made, found = make(scratch, Target(go_on))
    lines = [data for name, data in found.items() if name.startswith("audit/")]

    assert made.manifest.audit_sequence == 3
    assert AuditHead.objects.get().sequence == 5
    numbers = [int(line.split()[0]) for line in b"".join(lines).splitlines()]
    assert max(numbers) == 3
    assert heads.folder().is_dir()


def test_the_database_of_it_is_that_of_one_moment(ann: User, scratch: Path) -> None:
    factories.conversation(ann, "Before")
    _, found = make(scratch, Target(lambda: factories.conversation(ann, "Afterwards")))

    assert Conversation.objects.count() == 2
    if connection.vendor == "postgresql":
        assert found["database"].startswith(b"PGDMP")
        return
    path = scratch / "restored.sqlite3"
    path.write_bytes(found["database"])
    with closing(sqlite3.connect(path)) as restored:
        assert restored.execute("SELECT title FROM vision_chat_conversation").fetchall() == [("Before",)]
        assert restored.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_nothing_is_missing_while_others_upload_and_delete(ann: User, scratch: Path) -> None:
    for _ in range(5):
        factories.image(ann)
    is_done = threading.Event()

    def go_on() -> int:
        """Upload and delete until the backups are made; how often that was."""
        rounds = 0
        while not is_done.is_set():
            rounds += 1
            factories.image(ann)
            storage.delete_unused(UploadedImage.objects.order_by("created_at")[:1])
            finish_deletions()
        connection.close()
        return rounds

    with ThreadPoolExecutor(1) as others:
        working = others.submit(go_on)
        try:
            made = [making.make(Target(), scratch, "", Progress(str)) for _ in range(5)]
        finally:
            is_done.set()
        assert working.result() > 0
    assert [each.missing for each in made] == [0] * 5
    assert all(each.manifest.files > 0 for each in made)
