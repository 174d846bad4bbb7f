"""The use-cases of a conversation, on the real database."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.questions import NEW, question
from vision_chat.errors.turns import (
    NotFoundError,
    NotLastReplyError,
    PictureGoneError,
    ReplyRunningError,
    TooManyPicturesError,
    TurnEmptyError,
    TurnTooLongError,
)
from vision_chat.models import Conversation, Generation, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.conversations import turns


def picture(owner: User, name: str = "cat.jpg") -> UploadedImage:
    sizes = dict.fromkeys(
        ("width", "height", "thumbnail_width", "thumbnail_height", "model_width", "model_height"), 10
    )
    return UploadedImage.objects.create(owner=owner, name=name, original_bytes=1, model_bytes=1, **sizes)


def finish(turn: turns.Turn, text: str = "An answer.") -> None:
    Generation.objects.filter(pk=turn.generation.pk).update(status=Status.COMPLETED)
    Message.objects.filter(pk=turn.reply.pk).update(text=text)


def test_a_question_makes_a_conversation_a_message_a_reply_and_its_generation(ann: User) -> None:
    turn = turns.submit(ann, question(), NEW)

    conversation = Conversation.objects.get()
    assert (conversation.owner, conversation.title) == (ann, "What is this?")
    assert conversation.leaf_id == turn.reply.pk
    assert Message.objects.get(role="assistant").parent == Message.objects.get(role="user")
    assert Generation.objects.get().status == Status.RUNNING


def test_pictures_keep_their_order_and_come_once(ann: User) -> None:
    first, second = picture(ann, "a"), picture(ann, "b")
    turns.submit(ann, question(image_ids=[second.pk, first.pk, second.pk]), NEW)

    message = Message.objects.with_details().get(role="user")
    assert [attachment.image.name for attachment in message.attachments.all()] == ["b", "a"]


def test_the_history_of_the_branch_goes_along(ann: User) -> None:
    asked = question()
    finish(turns.submit(ann, asked, NEW))
    turn = turns.submit(ann, question("And?", conversation_id=asked.conversation_id), NEW)

    assert [message.text for message in turn.branch] == ["What is this?", "An answer.", "And?"]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"text": ""}, TurnEmptyError),
        ({"text": "x" * (turns.MAX_TEXT_LENGTH + 1)}, TurnTooLongError),
        ({"image_ids": [uuid.uuid4() for _ in range(4)]}, TooManyPicturesError),
        ({"image_ids": [uuid.uuid4()]}, PictureGoneError),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(
    ann: User, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        turns.submit(ann, question(**values), NEW)
    assert not Conversation.objects.exists()


def test_a_picture_of_somebody_else_is_as_good_as_gone(ann: User, stranger: User) -> None:
    with pytest.raises(PictureGoneError):
        turns.submit(ann, question(image_ids=[picture(stranger).pk]), NEW)


def test_a_conversation_of_somebody_else_is_not_found(ann: User, stranger: User) -> None:
    asked = question()
    finish(turns.submit(ann, asked, NEW))
    with pytest.raises(NotFoundError):
        turns.submit(stranger, question(conversation_id=asked.conversation_id), NEW)
    with pytest.raises(NotFoundError):
        turns.regenerate(stranger, Message.objects.get(role="assistant").pk, NEW)


def test_the_same_submit_again_is_the_same_turn(ann: User) -> None:
    asked = question()
    first = turns.submit(ann, asked, NEW)
    again = turns.submit(ann, asked, NEW)

    assert (again.reply, again.is_repeated) == (first.reply, True)
    assert Message.objects.count() == 2


def test_the_same_client_id_of_somebody_else_is_another_turn(ann: User, stranger: User) -> None:
    client_id = uuid.uuid4()
    turns.submit(ann, question(client_id=client_id), NEW)
    assert not turns.submit(stranger, question(client_id=client_id), NEW).is_repeated


def test_a_question_while_the_reply_runs_is_refused(ann: User) -> None:
    asked = question()
    turns.submit(ann, asked, NEW)
    with pytest.raises(ReplyRunningError):
        turns.submit(ann, question(conversation_id=asked.conversation_id), NEW)


def test_only_the_last_reply_can_be_made_again(ann: User) -> None:
    asked = question()
    first = turns.submit(ann, asked, NEW)
    finish(first)
    finish(turns.submit(ann, question(conversation_id=asked.conversation_id), NEW))
    with pytest.raises(NotLastReplyError):
        turns.regenerate(ann, first.reply.pk, NEW)


def test_an_empty_reply_cannot_be_continued(ann: User) -> None:
    turn = turns.submit(ann, question(), NEW)
    finish(turn, "")
    with pytest.raises(NotLastReplyError):
        turns.resume(ann, turn.reply.pk, NEW)


def test_a_turn_costs_few_statements(ann: User, django_assert_max_num_queries: Any) -> None:
    asked = question()
    finish(turns.submit(ann, asked, NEW))
    with django_assert_max_num_queries(11):  # two of them begin and end the transaction
        turns.submit(ann, question(conversation_id=asked.conversation_id), NEW)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("What is this?\nAnd that?", "What is this?"),
        ("word " * 40, "word " * 11 + "word…"),
        ("x" * 200, "x" * 60 + "…"),
        ("  spaced   out  ", "spaced out"),
    ],
)
def test_the_title_is_the_first_line_cut_at_a_word(text: str, title: str) -> None:
    assert turns.title_for(text, []) == title


def test_pictures_alone_name_the_conversation() -> None:
    cat = UploadedImage(name="cat.jpg")
    assert turns.title_for("", [cat]) == "cat.jpg"
    assert turns.title_for("", [cat, cat]) == "2 pictures"
