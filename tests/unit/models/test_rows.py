"""Fast inserts and updates write what the ORM would write."""

import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from vision_chat.models import Conversation, Generation, Message, rows
from vision_chat.models.generation import Status


def conversation_of(owner: User) -> Conversation:
    conversation = Conversation(owner=owner, title="Über 🙂")
    rows.insert(conversation)
    return conversation


def reply_in(conversation: Conversation) -> Message:
    reply = Message(conversation=conversation, role=Message.Role.ASSISTANT)
    rows.insert(reply)
    return reply


def test_an_inserted_row_is_read_back_as_it_was_given(ann: User) -> None:
    conversation = conversation_of(ann)
    message = Message(
        conversation=conversation, role="user", text="Hello", author=ann, client_id=uuid.uuid4()
    )
    rows.insert(message)

    assert Conversation.objects.get(pk=conversation.pk).title == "Über 🙂"
    read = Message.objects.get(pk=message.pk)
    assert (read.text, read.client_id, read.created_at) == ("Hello", message.client_id, message.created_at)


def test_selected_rows_are_those_of_the_orm(ann: User) -> None:
    conversation, other = conversation_of(ann), conversation_of(ann)
    for text in ("first", "second"):
        rows.insert(Message(conversation=conversation, role="user", text=text, client_id=uuid.uuid4()))
    rows.insert(Message(conversation=other, role="user", text="elsewhere"))
    selected = rows.select(Message, {"conversation_id": conversation.pk, "role": "user"})

    assert [message.text for message in selected] == ["first", "second"]
    expected = list(Message.objects.filter(conversation=conversation).order_by("pk").values())
    columns = Message._meta.concrete_fields
    assert [{c.attname: getattr(row, c.attname) for c in columns} for row in selected] == expected


def test_every_kind_of_value_is_read_as_the_orm_reads_it(ann: User) -> None:
    reply = reply_in(conversation_of(ann))
    generation = Generation(message=reply, boot_id="b", model_name="m", endpoint_url="e")
    generation.usd_spent, generation.left_out = Decimal("0.01234567"), {"pictures": ["Käse"], "messages": 1}
    rows.insert(generation)
    (read,) = rows.read(Generation, "WHERE boot_id = %s AND usd_spent > 0", ["b"])

    expected = Generation.objects.values().get()
    assert {name: getattr(read, name) for name in expected} == expected
    assert not read._state.adding
    read.save()  # a row like any other


def test_nothing_selected_is_no_error(ann: User) -> None:
    assert rows.select(Conversation, {"id": uuid.uuid4()}) == []


def test_an_update_changes_the_named_columns_only(ann: User) -> None:
    generation = Generation(
        message=reply_in(conversation_of(ann)), boot_id="b", model_name="m", endpoint_url="e"
    )
    rows.insert(generation)
    values = {"left_out": {"pictures": ["cat"], "messages": 1}, "prompt_tokens": 7}
    assert rows.update(generation, values, only_where={"status": Status.RUNNING})

    read = Generation.objects.get(pk=generation.pk)
    assert (read.left_out, read.prompt_tokens, read.model_name) == (values["left_out"], 7, "m")


def test_of_two_who_settle_the_same_row_one_is_told_so(ann: User) -> None:
    generation = Generation(
        message=reply_in(conversation_of(ann)), boot_id="b", model_name="m", endpoint_url="e"
    )
    rows.insert(generation)
    running = {"status": Status.RUNNING}

    assert rows.update(generation, {"status": Status.STOPPED}, only_where=running)
    assert not rows.update(generation, {"status": Status.FAILED}, only_where=running)
    assert Generation.objects.get(pk=generation.pk).status == Status.STOPPED


def test_constraints_hold(ann: User) -> None:
    conversation, client_id = conversation_of(ann), uuid.uuid4()
    question = {"conversation": conversation, "role": "user", "author": ann, "client_id": client_id}
    rows.insert(Message(**question))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Message(**question))
