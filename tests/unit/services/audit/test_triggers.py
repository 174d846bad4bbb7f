"""The database refuses to change the log, and a check says where it would not."""

import pytest
from django.contrib.auth.models import User
from django.core.checks import Tags, run_checks
from django.db import DatabaseError, connection, transaction

from tests.support import factories
from tests.support.audit_log import ENTRIES, fill, sql
from vision_chat.models import AuditEntry, AuditHead
from vision_chat.services.audit import triggers

pytestmark = pytest.mark.each_database


def warnings() -> list[str]:
    return [message.msg for message in run_checks(tags=[Tags.database], databases=["default"])]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET action = 'opened'",
        "UPDATE entries SET sequence = sequence + 10",
        "UPDATE vision_chat_auditname SET number = 100 - number",
        "UPDATE vision_chat_auditname SET person_id = (SELECT MAX(person_id) FROM vision_chat_auditname)",
        "DELETE FROM entries WHERE sequence = 3",
        "DELETE FROM entries",
        pytest.param("REPLACE INTO entries SELECT * FROM entries WHERE sequence = 2", id="replace"),
        pytest.param("TRUNCATE entries", id="truncate"),
    ],
)
def test_entries_can_neither_be_changed_nor_removed(chief: User, owner: User, statement: str) -> None:
    before = [entry.hash for entry in fill(chief, owner, 3)]
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)

    assert [entry.hash for entry in AuditEntry.objects.order_by("sequence")] == before


def test_what_is_archived_can_be_removed(chief: User, owner: User) -> None:
    fill(chief, owner, 3)
    AuditHead.objects.update(sealed_sequence=2)
    sql("DELETE FROM entries WHERE sequence <= 2")
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("DELETE FROM entries")

    assert AuditEntry.objects.get().sequence == 3


def test_a_check_says_where_triggers_are_missing_or_do_something_else(db: None) -> None:
    assert warnings() == []
    name = f"{ENTRIES}_kept"
    if connection.vendor == "postgresql":
        sql(f"ALTER TABLE entries DISABLE TRIGGER {name}")
    else:
        sql(f"DROP TRIGGER {name}")
        sql(f"CREATE TRIGGER {name} BEFORE DELETE ON entries BEGIN SELECT 1; END")
    assert name in warnings()[0]
    triggers.remove()
    assert len(triggers.missing()) > 1
    triggers.restore()
    assert warnings() == []


def test_a_table_that_is_renamed_and_back_has_kept_them(db: None) -> None:
    with factories.without_table(ENTRIES):
        assert triggers.missing()

    assert warnings() == []


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL alters tables in their place")
def test_a_table_that_is_made_anew_loses_them_and_that_is_said(transactional_db: None) -> None:
    with connection.schema_editor() as editor:
        editor._remake_table(AuditEntry)  # type: ignore[attr-defined]  # as migrations do
    try:
        assert warnings()
    finally:
        triggers.restore()
    assert warnings() == []
