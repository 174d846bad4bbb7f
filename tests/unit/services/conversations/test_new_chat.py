"""A new conversation with a copy of a branch."""

import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import ask, begin, call, finish
from vision_chat.errors.turns import NotFoundError, ReplyRunningError, TooManyCopiesError
from vision_chat.models import Completion, Conversation, Message
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.new_chat import (
    BATCH,
    MAX_IN_A_MINUTE,
    _begin,
    _copy,
    new_chat_from,
)
from vision_chat.services.conversations.purge import purge
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.search.find import find

pytestmark = pytest.mark.each_database


def copied(conversation_id: uuid.UUID) -> list[Message]:
    conversation = Conversation.objects.get(pk=conversation_id)
    return list(Message.objects.branch_to(conversation.leaf_id).with_details())


def test_the_branch_up_to_the_message_is_copied_with_images_and_settings(ann: User) -> None:
    image = factories.image(ann)
    first = ask(ann, "What is this?", image_ids=[image.pk])
    finish(first, "A funicular.")
    finish(ask(ann, "And then?", conversation_id=first.reply.conversation_id))
    values = {"title": "Up", "system_prompt": "Be brief.", "parameters": {"seed": 3}}
    Conversation.objects.update(**values)
    made = copied(call(ann, new_chat_from, first.reply.pk))

    assert [(message.role, message.text) for message in made] == [
        ("user", "What is this?"),
        ("assistant", "A funicular."),
    ]
    assert made[0].attached_images == [image]
    assert made[0].shown_child == made[1]
    conversation = made[0].conversation
    assert {name: getattr(conversation, name) for name in values} == values | {"title": "Copy of Up"}
    assert conversation.owner == ann
    assert [hit.message_id for hit in find(ann, "funicular")] == [made[1].pk]


def test_a_copied_reply_looks_the_same_and_costs_nothing(ann: User) -> None:
    first = factories.turn(
        factories.conversation(ann),
        answer="Half an ans",
        status="stopped",
        thoughts="Hm.",
        usd_spent="0.25",
        prompt_tokens=7,
        model_name="some/model",
    )
    _, reply = copied(call(ann, new_chat_from, first.pk))

    before, after = (
        MessageView.of_row(Message.objects.with_details().get(pk=message.pk)) for message in (first, reply)
    )
    assert (after.status, after.blocks, after.thoughts) == (before.status, before.blocks, before.thoughts)
    assert reply.generation is not None
    completion = reply.generation.completion
    assert (completion.model_name, completion.usd_spent, completion.prompt_tokens) == (
        "some/model",
        None,
        None,
    )
    assert begin(ann, continue_reply, str(reply.pk)).parts[0].text == "Half an ans"


def test_the_copy_lives_on_without_the_original(ann: User) -> None:
    image = factories.image(ann)
    first = ask(ann, image_ids=[image.pk])
    finish(first)
    new_id = call(ann, new_chat_from, first.reply.pk)
    purge(Conversation.objects.exclude(pk=new_id))

    question, reply = copied(new_id)
    assert question.attached_images == [image]
    assert reply.generation is not None
    assert Completion.objects.count() == 1


def test_a_reply_that_is_still_written_is_not_copied(ann: User) -> None:
    turn = ask(ann)
    with pytest.raises(ReplyRunningError):
        call(ann, new_chat_from, turn.reply.pk)
    call(ann, new_chat_from, turn.reply.parent_id)
    assert Conversation.objects.count() == 2


def test_nobody_elses_messages_are_copied(ann: User, stranger: User) -> None:
    turn = ask(ann)
    with pytest.raises(NotFoundError):
        call(stranger, new_chat_from, turn.reply.parent_id)
    assert Conversation.objects.count() == 1


def test_a_long_branch_is_copied_in_turns(ann: User) -> None:
    above = None
    for number in range(2 * BATCH + 5):
        role = Message.Role.ASSISTANT if number % 2 else Message.Role.USER
        conversation = above.conversation if above else factories.conversation(ann)
        above = Message.objects.create(
            conversation=conversation, parent=above, role=role, text=f"Number {number}"
        )
    assert above is not None
    made = copied(call(ann, new_chat_from, above.pk))

    assert [message.text for message in made] == [f"Number {number}" for number in range(2 * BATCH + 5)]
    assert [message.shown_child_id for message in made] == [message.pk for message in made[1:]] + [None]


def test_a_copy_that_never_ends_is_no_conversation_for_anybody(ann: User, stranger: User) -> None:
    turn = ask(ann, "What is this?")
    conversation, _, ids = _begin(ann, turn.reply.parent_id or 0)
    _copy(ann, conversation.pk, ids)

    assert conversation not in Conversation.objects.begun()
    with pytest.raises(NotFoundError):
        _copy(stranger, conversation.pk, ids)


def test_of_many_copies_in_a_minute_no_more_are_made(ann: User) -> None:
    first = ask(ann)
    finish(first)
    for _ in range(MAX_IN_A_MINUTE):
        call(ann, new_chat_from, first.reply.pk)
    with pytest.raises(TooManyCopiesError):
        call(ann, new_chat_from, first.reply.pk)

    assert Conversation.objects.count() == 1 + MAX_IN_A_MINUTE


def test_new_chats_that_are_no_copies_do_not_count(ann: User) -> None:
    for _ in range(MAX_IN_A_MINUTE + 1):
        finish(last := ask(ann))
    assert call(ann, new_chat_from, last.reply.pk)
