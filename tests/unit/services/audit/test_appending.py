"""Entries follow on each other, whoever appends, and what cannot be logged is not done."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.db import connections, transaction
from django.utils import timezone

from tests.support import factories
from tests.support.audit_log import fill, sql
from tests.support.deletions import delete
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import AuditEntry, AuditHead, AuditName, Conversation
from vision_chat.services import audit
from vision_chat.services.audit import verifying

pytestmark = pytest.mark.each_database
Action = AuditEntry.Action


def test_entries_follow_on_each_other(chief: User, owner: User) -> None:
    conversation = factories.conversation(owner)
    first = audit.record(Action.GRANTED, chief, conversation=conversation, details={"minutes": 60})
    second = audit.record(Action.RIGHTS, chief, subject=chief)

    assert (first.sequence, first.previous, second.sequence, second.previous) == (1, "", 2, first.hash)
    assert [str(first.actor), str(first.subject), str(second.subject)] == ["chief", "ann", "chief"]
    assert list(AuditHead.objects.values_list("sequence", "hash")) == [(2, second.hash)]


def test_many_who_append_at_once_leave_no_gap(transactional_db: None, folder: Path) -> None:
    people = [User.objects.create_user(f"person{number}") for number in range(4)]

    def append(person: User) -> None:
        for _ in range(8):
            audit.record(Action.OPENED, person, subject=people[0])
        connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(append, people))

    report = verifying.verify()
    assert (report.entries, report.heads) == (32, 32)
    assert {name.name for name in AuditName.objects.all()} == {person.username for person in people}


def test_what_is_rolled_back_leaves_no_gap_and_no_line(
    administrator: User, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "vision_chat.audit")
    audit.record(Action.RIGHTS, administrator)
    with transaction.atomic():
        audit.record(Action.RIGHTS, administrator)
        transaction.set_rollback(True)
    last = audit.record(Action.RIGHTS, administrator)

    assert last.sequence == 2
    (file,) = folder.iterdir()
    assert file.stem == f"{last.at:%Y-%m-%d}"
    assert file.read_text().splitlines() == [f"1 {last.previous}", f"2 {last.hash}"]
    assert [record.args for record in caplog.records] == [(1, last.previous), (2, last.hash)]


@transaction.atomic
def delete_with_entry(actor: User, conversation: Conversation) -> None:
    Conversation.objects.all().delete()
    audit.record(Action.DELETED, actor, conversation=conversation)


def test_what_cannot_be_logged_is_not_done(chief: User, owner: User) -> None:
    conversation = factories.conversation(owner)
    sql("ALTER TABLE vision_chat_audithead RENAME TO away")
    with pytest.raises(AuditUnavailableError):
        delete_with_entry(chief, conversation)
    with pytest.raises(AuditUnavailableError):
        audit.opened(chief, conversation)

    assert Conversation.objects.exists()


def test_without_its_head_a_log_is_not_begun_anew(chief: User) -> None:
    audit.record(Action.RIGHTS, chief)
    AuditHead.objects.all().delete()

    with pytest.raises(AuditUnavailableError):
        audit.record(Action.RIGHTS, chief)


def test_where_files_cannot_be_written_that_is_logged_and_nothing_undone(
    administrator: User, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.touch()
    audit.record(Action.RIGHTS, administrator)

    assert AuditEntry.objects.count() == 1
    assert [record.levelname for record in caplog.records if record.name == "vision_chat.audit"][
        -1
    ] == "ERROR"


def test_reading_is_logged_once_an_hour_and_conversation(chief: User, owner: User) -> None:
    ones, others = factories.conversation(owner), factories.conversation(owner)
    for conversation in (ones, ones, others, ones):
        audit.opened(chief, conversation)
        audit.opened(owner, conversation)
    read = AuditEntry.objects.order_by("sequence").values_list("conversation_id", flat=True)

    assert list(read) == [ones.pk, others.pk]


def test_after_an_hour_reading_is_logged_again(chief: User, owner: User) -> None:
    conversation = factories.conversation(owner)
    name = AuditName.objects.create(number=chief.pk, person=chief, name="chief")
    AuditEntry.objects.create(
        sequence=1,
        at=timezone.now() - timedelta(minutes=61),
        action=Action.OPENED,
        actor=name,
        conversation_id=conversation.pk,
    )
    AuditHead.objects.update_or_create(pk=1, defaults={"sequence": 1})
    audit.opened(chief, conversation)

    assert AuditEntry.objects.filter(conversation_id=conversation.pk).count() == 2


@pytest.mark.parametrize("value", ["x" * 201, 0.5, {"a": 1}, [["a"]], b"a"])
def test_details_are_short_words_and_whole_numbers(chief: User, value: Any) -> None:
    with pytest.raises(ValueError, match="title of an audit entry"):
        audit.record(Action.EXPORTED, chief, details={"title": value})
    assert not AuditEntry.objects.exists()


def test_no_text_of_a_conversation_gets_into_an_entry(chief: User, owner: User) -> None:
    conversation = factories.conversation(owner, "Secret stairs")
    factories.turn(conversation, "A secret question", "A secret answer")
    audit.opened(chief, conversation)
    audit.record(Action.GRANTED, chief, conversation=conversation, details={"minutes": 60})
    audit.record_each(Action.EXPORTED, chief, Conversation.objects.all(), details={"format": "csv"})
    rows = serializers.serialize("json", [*AuditEntry.objects.all(), *AuditName.objects.all()])

    assert len(json.loads(rows)) == 5
    assert "ecret" not in rows


def test_a_deleted_persons_name_goes_and_the_chain_stays_whole(administrator: User, ann: User) -> None:
    fill(administrator, ann, 3)
    audit.record(Action.OPENED, ann, subject=administrator)
    delete(ann)

    assert sorted(AuditName.objects.values_list("name", flat=True)) == ["", "root"]
    assert str(AuditEntry.objects.first().actor) == "a deleted person"  # type: ignore[union-attr]
    assert verifying.verify().entries == 4


def test_a_new_name_of_a_person_is_that_of_their_entries(chief: User) -> None:
    audit.record(Action.RIGHTS, chief)
    User.objects.update(username="boss")
    audit.record(Action.RIGHTS, User.objects.get())

    assert [str(entry.actor) for entry in AuditEntry.objects.all()] == ["boss", "boss"]


def test_many_conversations_are_logged_in_batches(chief: User, owner: User) -> None:
    count = audit.record_each(
        Action.EXPORTED, chief, (Conversation(pk=uuid4(), owner=owner) for _ in range(501))
    )

    assert (count, verifying.verify().entries) == (501, 501)
