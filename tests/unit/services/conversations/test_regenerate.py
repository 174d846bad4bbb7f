import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, begin, call, finish
from vision_chat.errors.base import ParameterError
from vision_chat.errors.settings import SchemaError
from vision_chat.errors.turns import ModelNotUsableError, NotFoundError, QuestionLeftOutError
from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.delete_message import delete_message
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.set_inclusion import set_inclusion


def test_regenerate_makes_a_sibling_that_answers_the_same_question(ann: User) -> None:
    first = ask(ann)
    finish(first)
    turn = begin(ann, regenerate, str(first.reply.pk))

    assert turn.reply != first.reply
    assert turn.reply.parent_id == first.reply.parent_id
    assert [message.text for message in turn.branch] == ["What is this?"]


def test_regenerate_takes_any_reply_and_shows_the_new_one(ann: User) -> None:
    first = ask(ann)
    finish(first)
    later = ask(ann, conversation_id=first.reply.conversation_id)
    finish(later)
    turn = begin(ann, regenerate, str(first.reply.pk))

    assert [message.text for message in turn.branch] == ["What is this?"]
    assert Conversation.objects.get().leaf == turn.reply
    assert Message.objects.get(pk=first.reply.pk).shown_child_id == later.reply.parent_id


def test_regenerate_leaves_the_reply_running(ann: User) -> None:
    first = ask(ann)
    turn = begin(ann, regenerate, str(first.reply.pk))

    assert set(Generation.objects.running()) == {first.generation, turn.generation}


def test_regenerate_answers_a_question_that_has_no_reply_left(ann: User) -> None:
    first = ask(ann)
    finish(first)
    call(ann, delete_message, first.reply.pk)
    turn = begin(ann, regenerate, str(first.reply.parent_id))

    assert turn.reply.parent_id == first.reply.parent_id


def test_the_same_regenerate_twice_makes_one_reply(ann: User) -> None:
    first = ask(ann)
    finish(first)
    client_id = uuid.uuid4()
    turn = begin(ann, regenerate, str(first.reply.pk), client_id)
    runner = RecordingRunner()
    call(ann, regenerate, str(first.reply.pk), client_id, runner=runner)

    assert runner.started == []
    assert Message.objects.latest("pk") == turn.reply


def test_parameters_of_one_turn_stay_out_of_the_conversation(ann: User) -> None:
    first = ask(ann)
    finish(first)
    Conversation.objects.update(parameters={"top_p": 0.5, "seed": 4})
    turn = begin(ann, regenerate, str(first.reply.pk), parameters={"temperature": 0.2, "seed": None})

    assert turn.generation.completion.parameters == {"temperature": 0.2, "top_p": 0.5}
    assert Conversation.objects.get().parameters == {"top_p": 0.5, "seed": 4}


def test_a_parameter_that_is_none_begins_nothing(ann: User) -> None:
    first = ask(ann)
    finish(first)
    with pytest.raises(ParameterError):
        call(ann, regenerate, str(first.reply.pk), parameters={"temperature": 20})
    assert Message.objects.count() == 2


def test_a_schema_for_one_turn_alone_is_checked_like_any_other(ann: User) -> None:
    first = ask(ann)
    finish(first)
    elsewhere = {"name": "any", "schema": {"$ref": "https://example.org/schema.json"}}
    with pytest.raises(SchemaError):
        call(
            ann,
            regenerate,
            str(first.reply.pk),
            parameters={"response_format": {"type": "json_schema", "json_schema": elsewhere}},
        )

    assert Message.objects.count() == 2


def test_a_model_that_the_person_may_not_use_answers_nothing(ann: User) -> None:
    first = ask(ann)
    finish(first)
    with pytest.raises(ModelNotUsableError):
        call(ann, regenerate, str(first.reply.pk), language_model_id=4)
    assert Message.objects.count() == 2


def test_regenerate_finds_no_reply_of_somebody_else(ann: User, stranger: User) -> None:
    turn = ask(ann)
    finish(turn)
    with pytest.raises(NotFoundError):
        call(stranger, regenerate, str(turn.reply.pk))


def test_a_question_goes_without_the_image_that_was_left_out(ann: User) -> None:
    bad, good = factories.image(ann), factories.image(ann)
    first = ask(ann, image_ids=[bad.pk, good.pk])
    finish(first)
    call(ann, set_inclusion, first.reply.conversation_id, bad.pk, "never")
    turn = begin(ann, regenerate, str(first.reply.pk))

    assert [(each.image, each.inclusion) for each in turn.branch[-1].attached] == [
        (bad, "never"),
        (good, "rule"),
    ]


def test_a_question_of_images_that_were_left_out_is_not_asked(ann: User) -> None:
    image = factories.image(ann)
    first = ask(ann, "", image_ids=[image.pk])
    finish(first)
    call(ann, set_inclusion, first.reply.conversation_id, image.pk, "never")
    with pytest.raises(QuestionLeftOutError):
        begin(ann, regenerate, str(first.reply.pk))
    call(ann, set_inclusion, first.reply.conversation_id, image.pk, "rule")

    assert begin(ann, regenerate, str(first.reply.pk)).branch[-1].wants_images
