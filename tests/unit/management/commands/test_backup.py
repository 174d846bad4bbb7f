"""The command that makes a backup: where it writes, what it says, and how it ends."""

import re
import signal
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support import factories
from tests.support.audit_log import refusal, run
from vision_chat.models import ImageCopy
from vision_chat.services.backups.age import BEGINNING

pytestmark = pytest.mark.usefixtures("transactional_db", "site")


@pytest.fixture
def site(ann: User, settings: Any, tmp_path: Path) -> None:
    """A picture, and a data folder that is this test's own."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path / "var")
    (tmp_path / "var").mkdir()
    factories.image(ann)


@pytest.mark.each_database
def test_it_says_what_it_wrote_and_what_is_not_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "site.tar"
    run("backup", path)
    said = capsys.readouterr().err

    assert f"3 files and the database are in {path}: " in said
    assert "not encrypted" in said
    assert "The secret key is not in it." in said
    assert "is whole" in run("restore", path, "--check")


def test_in_a_folder_it_gets_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    run("backup", folder)

    assert re.fullmatch(r"vision-chat-\d{4}-\d\d-\d\dT\d{4}Z\.tar", next(folder.iterdir()).name)


def test_with_a_passphrase_it_is_encrypted(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, backup_passphrase="correct horse")
    run("backup", tmp_path)
    assert "not encrypted" not in capsys.readouterr().err
    (path,) = tmp_path.glob("*.tar.age")
    assert path.read_bytes().startswith(BEGINNING)
    assert "is whole" in run("restore", path, "--check")

    settings.VISION_CHAT = replace(settings.VISION_CHAT, backup_passphrase="")
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    assert "is whole" in run("restore", path, "--check", "--passphrase-file", secret)
    assert "give its passphrase" in refusal("restore", path, "--check")
    secret.write_text("battery staple")
    assert "does not open" in refusal("restore", path, "--check", "--passphrase-file", secret)
    secret.write_text("\n")
    assert "no passphrase" in refusal("backup", tmp_path / "other", "--passphrase-file", secret)
    assert "cannot be read" in refusal("backup", tmp_path / "other", "--passphrase-file", tmp_path / "none")


def test_a_stream_is_as_good_as_a_file(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    run("backup", "-")
    written = capsysbinary.readouterr()
    (tmp_path / "stream").write_bytes(written.out)

    assert b"are in the stream" in written.err
    assert "is whole" in run("restore", tmp_path / "stream", "--check")


def test_files_that_were_lost_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = ImageCopy.objects.get().file
    Path(copy.path).unlink()
    run("backup", tmp_path / "site.tar")

    assert "1 files of pictures were missing" in capsys.readouterr().err
    assert f"missing when it was made: {copy.name}." in run("restore", tmp_path / "site.tar", "--check")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, min_free_bytes=10**18)

    assert "too little room" in refusal("backup", tmp_path / "site.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "site.tar").write_text("older")
    assert "there already" in refusal("backup", tmp_path / "site.tar")


def test_a_database_of_an_earlier_version_is_refused(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'hidden' WHERE app = 'sessions'")
        try:
            assert "earlier version" in refusal("backup", tmp_path / "site.tar")
        finally:
            cursor.execute("UPDATE django_migrations SET app = 'sessions' WHERE app = 'hidden'")


def test_the_handler_of_signals_is_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    run("backup", tmp_path / "site.tar")
    assert signal.getsignal(signal.SIGTERM) == before
    with tarfile.open(tmp_path / "site.tar") as tar:
        assert {"manifest.json", "database", "SHA256SUMS"} <= set(tar.getnames())
