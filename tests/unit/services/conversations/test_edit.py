"""Editing a question: another one beside it, with a branch of its own."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, begin, call, finish
from tests.support.waiting import ask_meanwhile, end, state_of
from vision_chat.errors.turns import ImageGoneError, NotFoundError, QuestionLeftOutError, TurnEmptyError
from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.dispatch import Sent
from vision_chat.services.conversations.edit import edit
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.set_inclusion import set_inclusion
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


def edited(person: User, message_id: int | None, text: str = "And this?", **values: Any) -> Turn:
    """Edit a question; the turn that begins."""
    return begin(person, edit, str(message_id), Question(text=text, **values))


def images_of(message_id: int | None) -> list[str]:
    assert message_id is not None
    return [image.name for image in Message.objects.with_details().get(pk=message_id).attached_images]


def test_the_edited_question_stands_beside_the_first_one_and_is_shown(ann: User) -> None:
    first = ask(ann)
    finish(first)
    later = ask(ann, "And then?", conversation_id=first.reply.conversation_id)
    finish(later)
    turn = edited(ann, later.reply.parent_id)

    question = turn.reply.parent
    assert question is not None
    assert (question.text, question.parent_id) == ("And this?", first.reply.pk)
    assert [message.text for message in turn.branch] == ["What is this?", "An answer.", "And this?"]
    assert Conversation.objects.get().leaf == turn.reply
    assert Message.objects.get(pk=first.reply.pk).shown_child_id == question.pk


def test_an_image_that_was_left_out_for_good_stays_so_in_the_edited_question(ann: User) -> None:
    bad, good = factories.image(ann), factories.image(ann)
    first = ask(ann, image_ids=[bad.pk])
    finish(first)
    call(ann, set_inclusion, first.reply.conversation_id, bad.pk, "never")
    turn = edited(ann, first.reply.parent_id, image_ids=[bad.pk, good.pk])

    assert [each.inclusion for each in turn.branch[-1].attached] == ["never", "rule"]
    with pytest.raises(QuestionLeftOutError):
        edited(ann, first.reply.parent_id, text="", image_ids=[bad.pk])


def test_a_first_question_can_be_edited(ann: User) -> None:
    first = ask(ann)
    finish(first)
    turn = edited(ann, first.reply.parent_id)

    ids = [first.reply.parent_id or 0, turn.reply.parent_id or 0]
    places = Message.objects.siblings_of(ids)
    assert [(places[pk].index, places[pk].count) for pk in ids] == [(1, 2), (2, 2)]


def test_several_messages_show_one_image(ann: User) -> None:
    image, other = factories.image(ann, "a.jpg"), factories.image(ann, "b.jpg")
    first = ask(ann, image_ids=[image.pk])
    finish(first)
    turn = edited(ann, first.reply.parent_id, image_ids=[image.pk, other.pk])

    assert images_of(first.reply.parent_id) == ["a.jpg"]
    assert images_of(turn.reply.parent_id) == ["a.jpg", "b.jpg"]


def test_the_reply_to_the_first_question_runs_on_and_its_waiting_message_is_sent(ann: User) -> None:
    first = ask(ann)
    waiting = ask_meanwhile(ann, first)
    turn = edited(ann, first.reply.parent_id)
    assert set(Generation.objects.running()) == {first.generation, turn.generation}

    sent = end(first.reply.pk)
    assert isinstance(sent, Sent)
    assert state_of(waiting) == "sent"
    assert Conversation.objects.get().leaf == turn.reply
    assert [event.__class__.__name__ for event in sent.events] == ["ConversationUpdated"]
    assert [message.text for message in sent.new.turn.branch] == ["What is this?", "An answer.", "And then?"]


def test_the_same_edit_twice_makes_one_question(ann: User) -> None:
    first = ask(ann)
    finish(first)
    client_id = uuid.uuid4()
    edited(ann, first.reply.parent_id, client_id=client_id)
    runner = RecordingRunner()
    call(
        ann, edit, str(first.reply.parent_id), Question(text="And this?", client_id=client_id), runner=runner
    )

    assert runner.started == []
    assert Message.objects.count() == 4


def test_what_is_no_question_of_the_person_is_not_edited(ann: User, stranger: User) -> None:
    first = ask(ann)
    waiting = ask_meanwhile(ann, first)
    for person, message_id in (
        (stranger, first.reply.parent_id),
        (ann, first.reply.pk),
        (ann, waiting.pk),
        (ann, 10**18),
    ):
        with pytest.raises(NotFoundError):
            edited(person, message_id)
    assert Message.objects.count() == 3


def test_an_edit_is_held_to_the_limits_of_a_question(ann: User, stranger: User) -> None:
    first = ask(ann)
    with pytest.raises(TurnEmptyError):
        edited(ann, first.reply.parent_id, text="  ")
    with pytest.raises(ImageGoneError):
        edited(ann, first.reply.parent_id, image_ids=[factories.image(stranger).pk])
    assert Message.objects.count() == 2
