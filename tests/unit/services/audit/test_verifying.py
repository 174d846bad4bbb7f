"""Whatever is done to the log by SQL, without its triggers, is found, and its kind is said."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from tests.support.audit_log import cut, fill, publish, rewrite, run, sql, swap
from tests.support.examples import seeds
from vision_chat.models import AuditEntry, AuditHead, AuditName
from vision_chat.services import audit
from vision_chat.services.audit import heads, triggers, verifying
from vision_chat.services.audit.chain import BrokenChainError, Kind
from vision_chat.services.audit.heads import Head

pytestmark = pytest.mark.each_database


@pytest.fixture
def log(chief: User, owner: User) -> list[AuditEntry]:
    """A log of nine entries that is whole, and that anybody may change."""
    fill(chief, owner, 9)
    publish()
    assert verifying.verify().entries == 9
    triggers.remove()
    return list(AuditEntry.objects.order_by("sequence"))


def first_break() -> tuple[Kind, int]:
    with pytest.raises(BrokenChainError) as caught:
        verifying.verify()
    return caught.value.kind, caught.value.sequence


def rows() -> set[tuple[object, ...]]:
    columns = ("sequence", "at", "action", "actor", "subject", "conversation_id", "previous", "hash")
    return set(AuditEntry.objects.values_list(*columns))


def rename_action(entry: AuditEntry) -> None:
    entry.action = AuditEntry.Action.EXPORTED


def exchange(one: str, other: str) -> None:
    """Exchange the accounts of two names, by new rows for both, so that all references hold."""
    entry = AuditEntry.objects.select_related(one, other).get(sequence=1)
    names = [getattr(entry, role) for role in (one, other)]
    AuditName.objects.update(person=None)
    for name, person_id in zip(names, [name.person_id for name in reversed(names)], strict=True):
        AuditName.objects.filter(pk=name.pk).update(person_id=person_id, name=f"Other {person_id}")


def write_all_anew(actor: User) -> None:
    """Make another log in the place of this one, as whoever has the database and the code could."""
    cut(0)
    for _ in range(9):
        audit.record(AuditEntry.Action.RIGHTS, actor)


@pytest.mark.parametrize(
    "column",
    ["at", "action", "actor_id", "subject_id", "conversation_id", "details", "previous", "hash"],
)
def test_a_change_of_any_column_is_found(log: list[AuditEntry], column: str) -> None:
    row = log[4]
    other = {
        "at": row.at + timedelta(microseconds=1),
        "action": "exported",
        "details": {"minutes": 61},
        "previous": "0" * 64,
        "hash": "0" * 64,
    }
    AuditEntry.objects.filter(pk=5).update(**{column: other.get(column)})

    assert first_break() == (Kind.CHANGED, 5)


@pytest.mark.parametrize(
    ("tampering", "kind", "sequence"),
    [
        (lambda: sql("DELETE FROM entries WHERE sequence = 4"), Kind.MISSING, 4),
        (lambda: sql("DELETE FROM entries WHERE sequence IN (4, 5, 6)"), Kind.MISSING, 4),
        (lambda: swap(4, 5), Kind.REORDERED, 4),
        (lambda: swap(2, 9), Kind.REORDERED, 2),
        (lambda: sql("DELETE FROM entries WHERE sequence > 7"), Kind.CUT, 8),
        (lambda: sql("DELETE FROM entries WHERE sequence <= 3"), Kind.CUT, 1),
        (lambda: sql("DELETE FROM entries"), Kind.CUT, 1),
        (lambda: sql("DELETE FROM vision_chat_audithead"), Kind.CHANGED, 1),
        (lambda: sql("UPDATE vision_chat_audithead SET sequence = 9000000000000000000"), Kind.CUT, 10),
        (lambda: sql("UPDATE vision_chat_auditname SET person_id = NULL, name = ''"), Kind.CHANGED, 1),
        (lambda: exchange("actor", "subject"), Kind.CHANGED, 1),
        (lambda: cut(7), Kind.CUT, 8),  # only the daily files know
        (lambda: cut(0), Kind.CUT, 1),
        (lambda: rewrite(6, rename_action), Kind.CHANGED, 6),
    ],
)
def test_what_was_done_is_named(
    log: list[AuditEntry], tampering: Callable[[], None], kind: Kind, sequence: int
) -> None:
    tampering()

    assert first_break() == (kind, sequence)


def test_an_entry_with_a_hash_made_anew_is_found_by_the_next_one(log: list[AuditEntry]) -> None:
    rewrite(6, rename_action)
    sql("UPDATE entries SET previous = %s, hash = %s WHERE sequence = 7", log[6].previous, log[6].hash)

    assert first_break() == (Kind.CHANGED, 6)


def test_a_log_that_was_written_anew_is_found_by_its_daily_files(log: list[AuditEntry], chief: User) -> None:
    write_all_anew(chief)

    assert first_break() == (Kind.CHANGED, 1)


def test_a_line_that_was_cut_off_is_passed_over(log: list[AuditEntry], folder: Path) -> None:
    (file,) = folder.iterdir()
    file.write_text(file.read_text() + "9 abc")

    assert verifying.verify().heads == 9


def test_what_was_appended_with_the_database_alone_is_named(
    log: list[AuditEntry], chief: User, owner: User, folder: Path
) -> None:
    def commit() -> None:
        """Do what follows a commit, which this test is not: the last entry is told of."""
        last = AuditEntry.objects.latest("sequence")
        heads.publish(Head(last.sequence, last.hash), last.at)

    for _ in range(2):
        audit.record(AuditEntry.Action.RIGHTS, chief)
    fill(chief, owner, 3)
    commit()
    assert verifying.verify().unpublished == [(10, 11)]
    audit.record(AuditEntry.Action.RIGHTS, chief)
    commit()
    audit.record(AuditEntry.Action.RIGHTS, chief)
    assert verifying.verify().unpublished == [(10, 11), (16, 16)]
    triggers.restore()
    said = run("verify_audit_log")
    assert "The audit log is whole" in said
    assert "Warning: no daily file tells of 10 to 11, 16." in said

    for file in folder.iterdir():
        file.unlink()  # a site that has none hears nothing of it
    assert verifying.verify().unpublished == []


def test_an_entry_that_was_changed_under_an_end_far_away_is_still_found(log: list[AuditEntry]) -> None:
    AuditHead.objects.update(sequence=9 * 10**18)
    AuditEntry.objects.filter(pk=5).update(action="exported")

    assert first_break() == (Kind.CHANGED, 5)


@pytest.mark.parametrize(
    "details",
    [{}, [], {"up_to": 2}, {"up_to": True, "count": 1, "hash": "0" * 64, "sha256": "0" * 64}],
)
def test_an_entry_that_tells_of_no_archive_is_a_change(log: list[AuditEntry], details: Any) -> None:
    def seal(entry: AuditEntry) -> None:
        entry.action, entry.details = AuditEntry.Action.SEALED, details

    rewrite(9, seal)

    assert first_break() == (Kind.CHANGED, 9)


@pytest.mark.parametrize("number", ["1e999", "9" * 5000])
def test_a_number_that_no_program_reads_is_a_change(log: list[AuditEntry], number: str) -> None:
    sql("UPDATE entries SET details = %s WHERE sequence = 4", f'{{"minutes": {number}}}')

    assert first_break() == (Kind.CHANGED, 4)


def test_a_name_that_is_not_that_of_the_account_is_said(log: list[AuditEntry], owner: User) -> None:
    sql("UPDATE vision_chat_auditname SET name = 'bob' WHERE number = %s", owner.pk)

    assert verifying.verify().other_names == [owner.pk]


@pytest.mark.parametrize("seed", seeds(40))
def test_no_tampering_at_random_goes_unnoticed(log: list[AuditEntry], chief: User, seed: int) -> None:
    chance = random.Random(seed)
    one, other = sorted(chance.sample(range(1, 10), 2))
    tamperings: list[Callable[[], None]] = [
        lambda: sql("UPDATE entries SET action = 'granted' WHERE sequence BETWEEN %s AND %s", one, other),
        lambda: sql("UPDATE entries SET actor_id = subject_id WHERE sequence = %s", one),
        lambda: sql("UPDATE entries SET previous = hash WHERE sequence = %s", one),
        lambda: sql("DELETE FROM entries WHERE sequence BETWEEN %s AND %s", one, other),
        lambda: swap(one, other),
        lambda: cut(one),
        lambda: rewrite(one, rename_action),
        lambda: write_all_anew(chief),
    ]
    before = rows()
    for _ in range(chance.randint(1, 2)):
        with transaction.atomic():
            chance.choice(tamperings)()
    if rows() == before:  # what was done was undone
        verifying.verify()
    else:
        first_break()
