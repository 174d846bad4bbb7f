"""Which rows an export has: those that may be read, and are still there."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support import exported, factories
from tests.support.people import staff
from vision_chat.models import AuditEntry, Conversation, Correction, ReadGrant, Resolution, Review
from vision_chat.services.reviews.exports import recording
from vision_chat.services.reviews.exports.choices import Choices, Format, Pictures
from vision_chat.services.reviews.exports.pieces import PIECE_BYTES, pieces
from vision_chat.services.reviews.exports.reading import MESSAGES_AT_ONCE
from vision_chat.services.reviews.exports.selections import (
    BATCH,
    ConversationSelection,
    ItemSelection,
    of_person,
)

pytestmark = pytest.mark.each_database


def said(*titles: str, owner: User) -> list[Conversation]:
    """Conversations with a turn each, in this order."""
    made = [
        factories.conversation(owner, title, days_ago=len(titles) - place)
        for place, title in enumerate(titles)
    ]
    for conversation in made:
        factories.turn(conversation)
    return made


def titles(written: Iterator[bytes] | bytes) -> list[str]:
    text = written if isinstance(written, bytes) else b"".join(written)
    return [json.loads(line)["metadata"]["title"] for line in text.splitlines()]


def grant(reader: User, conversation: Conversation, **ago: float) -> None:
    until = timezone.now() + timedelta(hours=1) - timedelta(**ago)
    ReadGrant.objects.create(reader=reader, conversation=conversation, reason="A complaint", until=until)


def test_only_what_may_be_read_is_selected(owner: User) -> None:
    lead = staff("lead", "view_conversation")
    granted, expired, unasked = said("granted", "expired", "unasked", owner=owner)
    grant(lead, granted)
    grant(lead, expired, hours=2)
    said("own", owner=lead)
    everything = Conversation.objects.order_by("created_at")
    queue = exported.queue()
    items = [exported.item(queue, each.leaf) for each in (granted, unasked) if each.leaf]
    selection = ConversationSelection(everything, of_person(lead))

    assert sorted(titles(pieces(selection, Choices()))) == ["granted", "own"]
    of_items = ItemSelection(queue.items.all(), of_person(lead))
    assert [each.item for batch in of_items.batches() for each in batch] == items[:1]
    for person in (staff("helper"), staff("reviewer", "work_reviewitem"), owner):
        assert len(ConversationSelection(everything, of_person(person))) == 0


def test_verdicts_of_others_stay_hidden_from_a_reviewer_before_their_own(owner: User, reviewer: User) -> None:
    [stairs] = said("stairs", owner=owner)
    queue = exported.queue()
    assert stairs.leaf
    item = exported.item(queue, stairs.leaf)
    exported.review(item, reviewer, "harmful", note="Secret note")
    Correction.objects.create(message=stairs.leaf, author=reviewer, text="Secret correction")
    Resolution.objects.create(item=item, author=reviewer, verdict="harmful", note="Secret decision")
    blind = staff("blind", "view_conversation", "work_reviewitem")
    lead = staff("lead", "view_conversation", "work_reviewitem", "resolve_reviewitem")

    def text_for(person: User, kind: Format) -> str:
        grant(person, stairs)
        selection = ConversationSelection(Conversation.objects.all(), of_person(person))
        return b"".join(pieces(selection, Choices(format=kind))).decode()

    for kind in Format:
        assert "Secret" not in text_for(blind, kind)
        assert "harmful" not in text_for(blind, kind)
        assert "Secret note" in text_for(lead, kind)
    exported.review(item, blind, "good")
    assert "Secret decision" in text_for(blind, Format.CHAT)


def test_what_may_no_longer_be_read_is_left_out_of_an_export_that_runs(owner: User) -> None:
    lead = staff("lead", "view_conversation")
    for conversation in said("first", "second", owner=owner):
        grant(lead, conversation)
    selection = ConversationSelection(Conversation.objects.all(), of_person(lead))
    assert len(selection) == 2
    ReadGrant.objects.filter(conversation__title="first").delete()
    assert titles(pieces(selection, Choices())) == ["second"]
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert titles(pieces(selection, Choices())) == []


def test_what_is_deleted_meanwhile_is_left_out(owner: User) -> None:
    kept, hidden, gone = said("kept", "hidden", "gone", owner=owner)
    queue = exported.queue()
    for conversation in (kept, hidden, gone):
        assert conversation.leaf
        exported.item(queue, conversation.leaf)
    by_item = exported.selected_items(*queue.items.all())
    selection = exported.selected(kept, hidden, gone)
    Conversation.objects.filter(pk=hidden.pk).update(deleted_at=timezone.now())
    gone.delete()

    assert titles(pieces(selection, Choices())) == ["kept"]
    assert titles(pieces(by_item, Choices())) == ["kept"]


def test_a_picture_that_is_deleted_meanwhile_is_left_out(owner: User) -> None:
    [stairs] = said("stairs", owner=owner)
    first, second = factories.image(owner), factories.image(owner)
    assert stairs.leaf
    assert stairs.leaf.parent
    factories.attach(stairs.leaf.parent, first, second)
    written = pieces(exported.selected(stairs), Choices(pictures=Pictures.FILES))
    begun = next(written)
    first.delete()
    data = begun + b"".join(written)

    assert f"pictures/{second.pk}.webp".encode() in data
    assert data.count(f"pictures/{first.pk}.webp".encode()) == 0


def test_the_order_is_kept_over_batches_and_portions(owner: User) -> None:
    count = BATCH + 1
    Conversation.objects.bulk_create(
        Conversation(
            owner=owner, title=f"{number}", created_at=timezone.now() + timedelta(seconds=60 + number)
        )
        for number in range(count)
    )
    large = factories.long_conversation(owner, MESSAGES_AT_ONCE + 1, "large")
    for title in ("0", "50", f"{count - 1}"):
        factories.turn(Conversation.objects.get(title=title))
    by_age = Conversation.objects.order_by("created_at", "pk")
    selection = ConversationSelection(by_age, exported.selected().door)

    assert len(selection) == count + 1
    assert titles(pieces(selection, Choices())) == ["large", "0", "50", f"{count - 1}"]
    assert len(large) > MESSAGES_AT_ONCE


@pytest.mark.parametrize("kind", [Format.CHAT, Format.TABLE])
def test_a_batch_costs_the_same_queries_however_large_it_is(owner: User, kind: Format) -> None:
    def made(count: int) -> list[Conversation]:
        conversations = []
        for number in range(count):
            person = User.objects.create_user(f"{number} of {count}")
            conversations.append(stairs := factories.conversation(person))
            factories.attach(factories.turn(stairs), factories.image(person))
            reply = factories.turn(stairs)
            Review.objects.create(conversation=stairs, verdict="good", author=person)
            exported.review(exported.item(exported.queue(person.username), reply), person)
        return conversations

    few, many = (exported.selected(*made(count)) for count in (2, 12))
    counts = []
    for selection in (few, many):
        with CaptureQueriesContext(connection) as queries:
            exported.file_of(selection, format=kind)
        counts.append(len(queries))

    assert counts[0] == counts[1] < 20


def test_pieces_are_neither_tiny_nor_large(owner: User) -> None:
    stairs = factories.conversation(owner, days_ago=99)
    factories.turn(stairs, "x" * 3 * PIECE_BYTES)
    short = said(*map(str, range(20)), owner=owner)
    written = list(pieces(exported.selected(stairs, *short), Choices()))

    assert b"" not in written
    assert len(written) == 2


def test_an_export_is_written_to_the_log_for_each_conversation_without_a_word(owner: User) -> None:
    first, second = said("Secret title", "Second", owner=owner)
    lead = User.objects.create_superuser("lead")
    choices = Choices(format=Format.CONVERSATIONS, pictures=Pictures.FILES, with_pseudonyms=True)
    recording.record(lead, exported.selected(first, second), choices, ["verdict", "words"])
    entries = list(AuditEntry.objects.order_by("sequence"))

    assert {entry.conversation_id for entry in entries} == {first.pk, second.pk}
    assert {entry.action for entry in entries} == {AuditEntry.Action.EXPORTED}
    assert {str(entry.subject) for entry in entries} == {"ann"}
    assert entries[0].details == {
        "number": 2,
        "format": "conversations",
        "pictures": "files",
        "branches": "shown",
        "only_good": False,
        "pseudonyms": True,
        "filters": ["verdict", "words"],
    }
    details: Any = entries[0].details
    assert "Secret" not in json.dumps(details)
