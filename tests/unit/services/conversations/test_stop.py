import pytest
from django.contrib.auth.models import User

from tests.support.use_cases import RecordingRunner, ask, call
from vision_chat.errors.turns import NotFoundError
from vision_chat.services.conversations.stop import stop


def test_stop_stops_the_reply(ann: User) -> None:
    turn, runner = ask(ann), RecordingRunner()
    call(ann, stop, str(turn.reply.pk), runner=runner)

    assert runner.stopped == [turn.reply.pk]


def test_stop_finds_no_reply_of_somebody_else(ann: User, stranger: User) -> None:
    turn, runner = ask(ann), RecordingRunner()
    with pytest.raises(NotFoundError):
        call(stranger, stop, str(turn.reply.pk), runner=runner)

    assert runner.stopped == []


def test_stop_finds_no_reply_in_a_question(ann: User) -> None:
    turn = ask(ann)
    with pytest.raises(NotFoundError):
        call(ann, stop, str(turn.branch[0].message_id))
