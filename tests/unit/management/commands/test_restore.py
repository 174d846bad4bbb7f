"""The command that brings a backup back: what it refuses. How it succeeds is a journey."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.audit_log import refusal, run


@pytest.fixture
def backup(ann: User, settings: Any, tmp_path: Path) -> Path:
    """A backup of a site with a picture."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path / "var")
    (tmp_path / "var").mkdir()
    factories.image(ann)
    run("backup", tmp_path / "site.tar")
    return tmp_path / "site.tar"


def test_what_is_in_it_is_said(backup: Path) -> None:
    said = run("restore", backup, "--check")
    assert said.startswith("The backup is whole: made 20")
    assert "3 files" in said
    assert "0 conversations of 1 people." in said


@pytest.mark.each_database
def test_a_place_with_accounts_is_left_alone(backup: Path) -> None:
    assert refusal("restore", backup).startswith("The database has accounts")


@pytest.mark.each_database
def test_a_damaged_one_is_refused(backup: Path) -> None:
    data = bytearray(backup.read_bytes())
    data[data.index(b"bytes")] ^= 1
    backup.write_bytes(data)

    assert "is not as it was written" in refusal("restore", backup, "--check")


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "No such file" in refusal("restore", tmp_path / "none.tar", "--check")
