"""The command that archives the audit log: what it says, and how it ends."""

from pathlib import Path

import pytest

from tests.support.audit_log import publish, refusal, run

pytestmark = pytest.mark.usefixtures("audit_log")


def test_an_archive_is_made_and_verified(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    assert run("archive_audit_log", "--before", "2020-01-01", "--to", file) == "No entry is that old.\n"
    assert run("archive_audit_log", "--before", "2999-01-01", "--to", file).startswith("3 entries are in ")
    publish()

    alone, together = run("verify_audit_log"), run("verify_audit_log", file)
    assert "Archived on " in alone
    assert "Entries 1 to 3 were not verified" in alone
    assert "3 of the entries are in archives." in together
    assert "not verified" not in together
    assert "File exists" in refusal("archive_audit_log", "--before", "2999-01-01", "--to", file)
    assert "No such file" in refusal("verify_audit_log", tmp_path / "other.jsonl")


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "no day" in refusal("archive_audit_log", "--before", "soon", "--to", tmp_path / "archive")
