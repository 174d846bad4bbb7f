"""What becomes of a waiting message when its reply ends: it is sent, it asks, or it says why it waits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from tests.support import factories
from tests.support.run_stage import run_stage
from tests.support.use_cases import SETTINGS, RecordingRunner, ask, call, finish, question
from tests.support.waiting import DISPATCHER, ask_meanwhile, end, reason_of, state_of
from vision_chat.models import Completion, Conversation, Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations._limits import MAX_TEXT_LENGTH
from vision_chat.services.conversations.dispatch import (
    Dispatcher,
    Kept,
    Sent,
    _left_waiting,
    sweep_waiting,
)
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies.ends import follow_up_on
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


@pytest.fixture
def turn(ann: User) -> Turn:
    return ask(ann)


def test_the_end_of_a_complete_reply_sends_the_message_and_begins_its_reply(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    sent = end(turn.reply.pk, text="A cat.")

    assert isinstance(sent, Sent)
    assert state_of(waiting) == "sent"
    assert [message.text for message in sent.new.turn.branch] == ["What is this?", "A cat.", "And then?"]
    assert Conversation.objects.get().leaf == sent.new.turn.reply
    assert Generation.objects.running().get().message.parent == waiting
    assert not WaitingMessage.objects.exists()


def test_a_message_is_sent_with_its_images(ann: User, turn: Turn) -> None:
    first, second = factories.image(ann, "a"), factories.image(ann, "b")
    ask_meanwhile(ann, turn, image_ids=[second.pk, first.pk])
    sent = end(turn.reply.pk)

    assert isinstance(sent, Sent)
    assert [each.image.name for each in sent.new.turn.branch[-1].attached] == ["b", "a"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.STOPPED, "The last answer was stopped. Send this anyway?"),
        (Status.FAILED, "The last answer failed. Send this anyway?"),
        (Status.INTERRUPTED, "The last answer was interrupted. Send this anyway?"),
    ],
)
def test_after_a_reply_that_is_not_complete_the_message_stays_and_asks(
    ann: User, turn: Turn, status: Status, words: str
) -> None:
    waiting = ask_meanwhile(ann, turn)

    assert isinstance(end(turn.reply.pk, status), Kept)
    assert state_of(waiting) == "waiting"
    assert reason_of(waiting) == words
    assert not Generation.objects.running().exists()


def test_nothing_follows_the_end_of_a_reply_for_which_nothing_waits(turn: Turn) -> None:
    assert end(turn.reply.pk) is None


@pytest.mark.parametrize("change", [{"deleted_at": timezone.now()}, {}], ids=["deleted", "deactivated"])
def test_nothing_is_sent_in_a_deleted_conversation_or_for_a_closed_account(
    ann: User, turn: Turn, change: dict[str, object]
) -> None:
    waiting = ask_meanwhile(ann, turn)
    if change:
        Conversation.objects.update(**change)
    else:
        User.objects.update(is_active=False)

    assert end(turn.reply.pk) is None
    assert state_of(waiting) == "waiting"


def test_a_message_is_sent_with_the_settings_that_it_was_written_with(ann: User, turn: Turn) -> None:
    ask_meanwhile(ann, turn)
    changed = replace(SETTINGS, system_prompt="Answer in rhymes.", parameters=Parameters(temperature=1.5))
    sent = end(turn.reply.pk, dispatcher=Dispatcher(changed, 3))

    assert isinstance(sent, Sent)
    assert sent.new.turn.settings == SETTINGS
    assert Completion.objects.latest("pk").parameters == {}


def too_long(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(text="x" * (MAX_TEXT_LENGTH + 1))


def replaced(message: Message) -> None:
    WaitingMessage.objects.update(settings={"model_name": "old/model", "parameters": {}, "system_prompt": ""})


def odd_parameters(message: Message) -> None:
    kept = {"model_name": SETTINGS.endpoint.model_name, "parameters": {"warmth": 1}, "system_prompt": ""}
    WaitingMessage.objects.update(settings=kept)


def broken(message: Message) -> None:
    WaitingMessage.objects.update(settings={})


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (too_long, "longer than 60,000 characters"),
        (replaced, "This was written for another model"),
        (odd_parameters, "This was written for another model"),
        (broken, "Something went wrong"),
    ],
)
def test_a_message_that_may_not_be_sent_stays_says_why_and_lets_the_reply_end(
    ann: User, turn: Turn, happens: Callable[[Message], None], words: str
) -> None:
    waiting = ask_meanwhile(ann, turn)
    happens(waiting)

    assert isinstance(end(turn.reply.pk), Kept)
    assert words in reason_of(waiting)
    assert Generation.objects.get().status == Status.COMPLETED
    assert _left_waiting() == []


def test_more_images_than_a_message_takes_by_now_are_not_sent(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn, image_ids=[factories.image(ann).pk for _ in range(2)])
    end(turn.reply.pk, dispatcher=Dispatcher(SETTINGS, max_images=1))

    assert "the limit is 1" in reason_of(waiting)


@pytest.mark.parametrize("runner", [RecordingRunner(at_once=0, waiting=0), RecordingRunner(per_person=0)])
def test_where_there_is_no_room_the_message_waits_for_it(
    ann: User, turn: Turn, runner: RecordingRunner
) -> None:
    waiting = ask_meanwhile(ann, turn)

    assert isinstance(end(turn.reply.pk, runner=runner), Kept)
    assert reason_of(waiting) == "Too many answers are being written. This will be sent when there is room."
    assert _left_waiting() == [turn.reply.pk]


def test_a_sweep_calls_on_no_message_that_waits_rightly(ann: User, turn: Turn) -> None:
    ask_meanwhile(ann, turn)
    assert _left_waiting() == []
    end(turn.reply.pk, Status.FAILED)
    assert _left_waiting() == []


def test_a_sweep_sends_what_a_process_has_left(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    finish(turn)  # without a word to the message
    WaitingMessage.objects.update(settings=frozen_for_stage())
    with run_stage() as stage:
        stage.run(sweep_waiting(stage.runner))
        assert state_of(waiting) == "sent"
        (reply,) = waiting.children.all()
        stage.until(lambda: Generation.objects.get(message=reply).status == Status.COMPLETED)
        stage.run(sweep_waiting(stage.runner))

    assert waiting.children.count() == 1


def frozen_for_stage() -> dict[str, object]:
    return {"model_name": "fake/vision", "parameters": {}, "system_prompt": ""}


def test_a_sweep_without_room_leaves_the_message(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    finish(turn)
    WaitingMessage.objects.update(settings=frozen_for_stage())
    with run_stage(limits=ReplyLimits(at_once=0, waiting=0)) as stage:
        stage.run(sweep_waiting(stage.runner))
        stage.run(sweep_waiting(stage.runner))

    assert state_of(waiting) == "waiting"
    assert WaitingMessage.objects.get().refusal_code == "turn.no_place"


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """What these return or raise, begun at the same moment on threads of their own."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return job()
        except Exception as error:  # noqa: BLE001 - it is what is asked for
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.parametrize("round_", range(5))
def test_a_question_at_the_moment_of_the_end_is_sent_or_follows_and_never_stays(
    ann: User, turn: Turn, round_: int
) -> None:
    asked = question("Right now", conversation_id=turn.reply.conversation_id)
    at_once(lambda: end(turn.reply.pk), lambda: call(ann, submit, **asked))

    assert Message.objects.get(client_id=asked["question"].client_id).state == "sent"
    assert Generation.objects.running().get().message.parent == Message.objects.get(text="Right now")


@pytest.mark.parametrize("round_", range(3))
def test_of_two_processes_that_dispatch_a_message_one_begins_its_reply(
    ann: User, turn: Turn, round_: int
) -> None:
    waiting = ask_meanwhile(ann, turn)
    finish(turn)

    def dispatched() -> object:
        door = RecordingRunner().door()
        return follow_up_on(turn.reply.pk, lambda pk: DISPATCHER.dispatch(pk, door))

    outcomes = at_once(dispatched, dispatched)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Sent"]
    assert waiting.children.count() == 1
