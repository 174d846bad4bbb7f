"""The command that verifies the audit log: what it says, and how it ends."""

import shutil
from pathlib import Path

import pytest

from tests.support.audit_log import refusal, run, sql
from vision_chat.services.audit import triggers

pytestmark = pytest.mark.usefixtures("audit_log")


def test_a_log_that_is_whole_is_said_to_be_with_numbers() -> None:
    assert run("verify_audit_log") == (
        "The audit log is whole: 3 entries, from 1 to 3, compared with 3 heads in daily files.\n"
    )


def test_copies_of_the_daily_files_are_compared_instead(tmp_path: Path) -> None:
    copies = shutil.copytree(tmp_path / "audit", tmp_path / "copies")
    assert "6 heads" in run("verify_audit_log", "--heads", copies, "--heads", tmp_path / "audit")
    (file,) = copies.iterdir()
    file.write_text(f"3 {'0' * 64}\n")

    assert refusal("verify_audit_log", "--heads", copies).startswith("changed: A daily file tells of another")
    assert "is no folder" in refusal("verify_audit_log", "--heads", tmp_path / "elsewhere")


def test_the_first_break_is_said_with_its_kind() -> None:
    triggers.remove()
    assert refusal("verify_audit_log").startswith("triggers missing: ")
    assert run("verify_audit_log", "--restore-triggers")
    triggers.remove()
    sql("DELETE FROM entries WHERE sequence = 2")

    assert refusal("verify_audit_log") == "missing: Entry 2 is missing."
