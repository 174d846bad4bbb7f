import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, begin, call, finish
from tests.support.waiting import ask_meanwhile, end, reason_of, state_of
from vision_chat.errors.turns import NoPlaceError, NotFoundError, TooManyImagesError
from vision_chat.models import Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.conversations.dispatch import Sent
from vision_chat.services.conversations.send import send
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


@pytest.fixture
def turn(ann: User) -> Turn:
    return ask(ann)


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED, Status.INTERRUPTED, Status.COMPLETED])
def test_send_begins_the_turn_of_a_message_whose_reply_has_ended(
    ann: User, turn: Turn, status: Status
) -> None:
    waiting = ask_meanwhile(ann, turn)
    Generation.objects.update(status=status)
    begun = begin(ann, send, str(waiting.pk))

    assert state_of(waiting) == "sent"
    assert begun.reply.parent_id == waiting.pk
    assert [message.text for message in begun.branch] == ["What is this?", "", "And then?"]


@pytest.mark.parametrize("status", [status for status in Status if status != Status.RUNNING])
def test_send_stops_the_reply_that_runs_and_its_end_sends_the_message(
    ann: User, turn: Turn, status: Status
) -> None:
    waiting, runner = ask_meanwhile(ann, turn), RecordingRunner()
    call(ann, send, str(waiting.pk), runner=runner)
    assert (runner.stopped, runner.started) == ([turn.reply.pk], [])
    assert reason_of(waiting) == "This will be sent when the answer has stopped."

    assert isinstance(end(turn.reply.pk, status), Sent)
    assert state_of(waiting) == "sent"


def test_send_twice_sends_once(ann: User, turn: Turn) -> None:
    waiting, runner = ask_meanwhile(ann, turn), RecordingRunner()
    finish(turn)
    first = call(ann, send, str(waiting.pk), runner=runner)

    assert call(ann, send, str(waiting.pk), runner=runner) == first == turn.reply.conversation_id
    assert len(runner.started) == 1


def test_send_asks_the_model_that_answers_now(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    WaitingMessage.objects.update(settings={"model_name": "gone", "parameters": {}, "system_prompt": ""})
    end(turn.reply.pk)
    begun = begin(ann, send, str(waiting.pk))

    assert begun.generation.completion.model_name == "some/model"


@pytest.mark.parametrize("images", [0, 4])
def test_send_is_refused_beyond_the_limits_and_changes_nothing(ann: User, turn: Turn, images: int) -> None:
    waiting = ask_meanwhile(ann, turn)
    factories.attach(waiting, *[factories.image(ann) for _ in range(images)])
    finish(turn)
    with pytest.raises(TooManyImagesError if images else NoPlaceError):
        call(ann, send, str(waiting.pk), runner=RecordingRunner(at_once=0, waiting=0))

    assert state_of(waiting) == "waiting"
    assert Message.objects.count() == 3


@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_send_finds_neither_a_stranger_s_message_nor_a_reply(
    ann: User, stranger: User, turn: Turn, who: str
) -> None:
    waiting = ask_meanwhile(ann, turn)
    finish(turn)
    person, message_id = (stranger, waiting.pk) if who == "stranger" else (ann, turn.reply.pk)
    with pytest.raises(NotFoundError):
        call(person, send, str(message_id))
    with pytest.raises(NotFoundError):
        call(person, send, str(uuid.uuid4().int % 10**17))

    assert state_of(waiting) == "waiting"
