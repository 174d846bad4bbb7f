import io
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.support import exported, factories
from vision_chat.models import AuditEntry, Conversation, Review
from vision_chat.services.reviews.exports.choices import Format


@pytest.fixture
def stairs(ann: User) -> Conversation:
    stairs = factories.conversation(ann, "Stairs")
    factories.turn(stairs)
    Review.objects.create(conversation=stairs, verdict="good", author=ann)
    return stairs


def export_reviews(file: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("export_reviews", str(file), *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.each_database
def test_a_file_has_what_was_asked_for_and_the_log_says_so(
    stairs: Conversation, stranger: User, tmp_path: Path
) -> None:
    factories.turn(factories.conversation(stairs.owner, "Not reviewed"))
    factories.turn(factories.conversation(stranger, "Somebody else’s"))
    file = tmp_path / "reviews.jsonl"
    said = export_reviews(file, "--owner=ann", "--reviewed", "--pseudonyms")
    [record] = [json.loads(line) for line in file.read_text().splitlines()]

    assert said == f"1 selected, {file.stat().st_size:,} bytes written to {file}.\n"
    exported.check_lines([record], Format.CHAT)
    assert record["metadata"]["conversation_id"] == str(stairs.pk)
    assert record["metadata"]["owner"].startswith("person-")
    assert file.stat().st_mode & 0o777 == 0o600
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.action, str(entry.subject)) == (None, AuditEntry.Action.EXPORTED, "ann")
    assert entry.details["filters"] == ["owner", "reviewed"]


def test_a_queue_is_exported_as_a_table(stairs: Conversation, ann: User, tmp_path: Path) -> None:
    assert stairs.leaf
    exported.review(exported.item(exported.queue("Doubts"), stairs.leaf), ann, "flawed")
    file = tmp_path / "reviews.csv"
    export_reviews(file, "--queue=Doubts", "--format=table")

    assert [line.split(",")[3] for line in file.read_text().splitlines()] == ["verdict", "flawed"]


def test_nothing_is_written_over_and_nothing_without_the_log(stairs: Conversation, tmp_path: Path) -> None:
    file = tmp_path / "reviews.jsonl"
    with pytest.raises(CommandError, match="no queue “None”"):
        export_reviews(file, "--queue=None")
    with factories.without_table("vision_chat_auditentry"), pytest.raises(CommandError, match="audit log"):
        export_reviews(file)
    assert not file.exists()
    file.write_text("mine")
    with pytest.raises(CommandError, match="File exists"):
        export_reviews(file)
    assert file.read_text() == "mine"
