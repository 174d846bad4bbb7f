import pytest
from django.contrib.auth.models import User

from tests.support.use_cases import ask, begin, call, finish
from vision_chat.errors.turns import NotFoundError, NotLastReplyError, ReplyRunningError
from vision_chat.services.conversations.regenerate import regenerate


def test_regenerate_makes_a_sibling_that_answers_the_same_question(ann: User) -> None:
    first = ask(ann)
    finish(first)
    turn = begin(ann, regenerate, str(first.reply.pk))

    assert turn.reply != first.reply
    assert turn.reply.parent_id == first.reply.parent_id
    assert [message.text for message in turn.branch] == ["What is this?"]


def test_regenerate_takes_only_the_last_reply(ann: User) -> None:
    first = ask(ann)
    finish(first)
    finish(ask(ann, conversation_id=first.reply.conversation_id))
    with pytest.raises(NotLastReplyError):
        call(ann, regenerate, str(first.reply.pk))


def test_regenerate_is_refused_while_the_reply_runs(ann: User) -> None:
    turn = ask(ann)
    with pytest.raises(ReplyRunningError):
        call(ann, regenerate, str(turn.reply.pk))


def test_regenerate_finds_no_reply_of_somebody_else(ann: User, stranger: User) -> None:
    turn = ask(ann)
    finish(turn)
    with pytest.raises(NotFoundError):
        call(stranger, regenerate, str(turn.reply.pk))
