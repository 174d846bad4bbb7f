"""The commands of the audit log: what they say, and how they end."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.support.audit_log import fill, publish, sql
from vision_chat.services.audit import triggers


@pytest.fixture(autouse=True)
def _log(settings: Any, tmp_path: Path, db: None) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path)
    chief = User.objects.create_superuser("chief")
    fill(chief, chief, 3)
    publish()


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def refusal(command: str, *arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(command, *arguments)
    assert caught.value.returncode == 1
    return str(caught.value)


def test_a_log_that_is_whole_is_said_to_be_with_numbers() -> None:
    assert run("verify_audit_log") == (
        "The audit log is whole: 3 entries, from 1 to 3, compared with 3 heads in daily files.\n"
    )


def test_the_first_break_is_said_with_its_kind() -> None:
    triggers.remove()
    assert refusal("verify_audit_log").startswith("triggers missing: ")
    assert run("verify_audit_log", "--restore-triggers")
    triggers.remove()
    sql("DELETE FROM entries WHERE sequence = 2")

    assert refusal("verify_audit_log") == "missing: Entry 2 is missing."


def test_an_archive_is_made_and_verified(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    assert run("archive_audit_log", "--before", "2020-01-01", "--to", file) == "No entry is that old.\n"
    assert run("archive_audit_log", "--before", "2999-01-01", "--to", file).startswith("3 entries are in ")

    assert "Archived on " in run("verify_audit_log")
    assert "3 of the entries are in archives." in run("verify_audit_log", file)
    assert "File exists" in refusal("archive_audit_log", "--before", "2999-01-01", "--to", file)
    assert "No such file" in refusal("verify_audit_log", tmp_path / "other.jsonl")


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "no day" in refusal("archive_audit_log", "--before", "soon", "--to", tmp_path / "archive")
