"""Archived entries are told from those that were cut off, and the log is verified with its archives."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support.audit_log import fill, publish, sql
from vision_chat.models import AuditEntry, AuditHead
from vision_chat.services import audit
from vision_chat.services.audit import archiving, heads, triggers, verifying
from vision_chat.services.audit.archives import ArchiveFile
from vision_chat.services.audit.canonical import Details
from vision_chat.services.audit.chain import BrokenChainError, Kind

pytestmark = pytest.mark.each_database


@pytest.fixture
def file(chief: User, owner: User, tmp_path: Path) -> Path:
    """An archive of four entries of seven; the eighth tells of it."""
    fill(chief, owner, 4)
    later = timezone.now()
    fill(chief, owner, 3)
    publish()
    path = tmp_path / "2026.jsonl"
    assert archiving.archive(later, path) == 4
    publish()
    return path


def first_break(*archives: Path) -> Kind:
    with pytest.raises(BrokenChainError) as caught:
        verifying.verify(archives)
    return caught.value.kind


def test_what_is_archived_is_gone_and_the_log_still_whole(file: Path) -> None:
    alone, together = verifying.verify(), verifying.verify([file])

    assert list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True)) == [5, 6, 7, 8]
    assert (alone.first, alone.last, alone.entries, alone.archived) == (5, 8, 4, 0)
    assert (together.first, together.last, together.entries, together.archived) == (1, 8, 8, 4)
    assert alone.seal is not None
    assert alone.seal.up_to == 4


def test_archives_follow_on_each_other(file: Path, chief: User, owner: User) -> None:
    second = file.with_name("2027.jsonl")
    fill(chief, owner, 1)

    assert archiving.archive(timezone.now(), second) == 5
    publish()
    assert [verifying.verify(files).entries for files in ([], [second], [file, second])] == [1, 6, 10]
    assert first_break(second, file) is Kind.CHANGED


def test_more_than_was_archived_is_found_to_be_cut_off(file: Path) -> None:
    triggers.remove()
    sql("DELETE FROM entries WHERE sequence <= 6")

    assert first_break() is Kind.CUT


def test_without_the_entry_that_tells_of_it_an_archive_is_a_cut(file: Path) -> None:
    triggers.remove()
    sql("DELETE FROM entries WHERE sequence = 8")
    sql("UPDATE vision_chat_audithead SET sequence = 7, hash = (SELECT hash FROM entries WHERE sequence = 7)")

    assert first_break() is Kind.CUT


@pytest.mark.parametrize("known", [6, 0])
def test_an_entry_that_tells_of_an_archive_counts_where_daily_files_have_it(
    chief: User, owner: User, folder: Path, known: int
) -> None:
    fill(chief, owner, 6)
    forged: Details = {"up_to": 4, "count": 4, "hash": AuditEntry.objects.get(pk=4).hash, "sha256": "0" * 64}
    audit.record(AuditEntry.Action.SEALED, None, details=forged)
    for entry in AuditEntry.objects.filter(pk__lte=known).order_by("pk"):
        heads.publish(heads.Head(entry.sequence, entry.hash), entry.at)
    triggers.remove()
    sql("DELETE FROM entries WHERE sequence <= 4")

    with pytest.raises(
        BrokenChainError, match=r"Entries 1 to 4 are gone, and entry 7, .* no daily file"
    ) as caught:
        verifying.verify()
    assert caught.value.kind is Kind.CUT


@pytest.mark.parametrize("end", ["line", "entry", "nothing"])
def test_an_archive_that_was_changed_is_found(file: Path, end: str) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    changed = {
        "line": [*lines[:-1], lines[-1][:-9]],
        "entry": [*lines[:-1], lines[-1].replace(b'"minutes":60', b'"minutes":61')],
        "nothing": lines[:-1],
    }
    file.write_bytes(b"".join(changed[end]))

    assert first_break(file) in {Kind.CHANGED, Kind.MISSING}


def test_blanks_in_an_archive_are_a_change(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b":", b": "))

    assert first_break(file) is Kind.CHANGED


def test_what_was_interrupted_is_gone_on_with(chief: User, owner: User, file: Path) -> None:
    AuditHead.objects.update(sealed_sequence=0)
    AuditEntry.objects.bulk_create(entries_of(file)[2:])
    AuditHead.objects.update(sealed_sequence=4)
    assert verifying.verify().first == 3
    assert verifying.verify([file]).entries == 8

    assert archiving.archive(timezone.now() - timedelta(days=1), file.with_name("none")) == 0
    assert verifying.verify().first == 5


def entries_of(file: Path) -> list[AuditEntry]:
    return [
        AuditEntry(
            sequence=link.sequence,
            at=link.at,
            action=link.action,
            actor_id=link.actor,
            subject_id=link.subject,
            conversation_id=link.conversation,
            details=link.details,
            previous=link.previous,
            hash=stored,
        )
        for link, stored in ArchiveFile(file).links()
    ]


def test_a_log_that_is_broken_is_not_put_away(chief: User, owner: User, tmp_path: Path) -> None:
    fill(chief, owner, 4)
    triggers.remove()
    sql("UPDATE entries SET action = 'granted' WHERE sequence = 2")
    with pytest.raises(BrokenChainError):
        archiving.archive(timezone.now(), tmp_path / "archive")

    assert AuditEntry.objects.count() == 4
    assert not (tmp_path / "archive").exists()


def test_no_file_is_written_over(chief: User, owner: User, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        archiving.archive(timezone.now(), file)

    assert (file.read_bytes(), AuditEntry.objects.count()) == (before, 4)
