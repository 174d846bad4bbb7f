"""Which replies have a slot, which wait for one, and which are refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.models_of_sites import endpoint, language_model
from tests.support.queued_replies import NARROW, end, queue
from tests.support.use_cases import RecordingRunner, ask, call, question
from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError
from vision_chat.models import Generation, LanguageModel, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.submit import submit
from vision_chat.services.endpoint_states import rows
from vision_chat.services.replies import admission
from vision_chat.services.replies.admission import ahead_in_line
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


@pytest.fixture
def running(ann: User) -> Turn:
    """A reply that has the only slot."""
    return ask(ann)


def test_of_those_that_wait_people_take_turns(ann: User, stranger: User, running: Turn) -> None:
    first, second, of_stranger = queue(ann, "1"), queue(ann, "2"), queue(stranger, "3")
    replies = [turn.reply.pk for turn in (first, of_stranger, second)]
    assert ahead_in_line() == dict(zip(replies, range(3), strict=True))

    taken = []
    for _ in range(3):
        Generation.objects.taken().update(status=Status.COMPLETED)
        found = admission.take(RecordingRunner(at_once=1).door()).taken
        assert found is not None
        taken.append(found.message_id)
    assert taken == replies


def test_a_new_reply_comes_after_those_that_wait_also_where_a_slot_is_free(
    stranger: User, ann: User, running: Turn
) -> None:
    queue(stranger)
    end(running)

    assert queue(ann).generation.is_queued


def test_an_endpoint_has_a_limit_of_its_own(ann: User, stranger: User) -> None:
    narrow = language_model(at=endpoint("Narrow", "http://narrow/v1", max_replies=1), model_name="small")
    runner = RecordingRunner(at_once=10)
    for person, model in ((ann, narrow), (stranger, narrow), (stranger, None)):
        begin_with(person, model, runner)

    assert [turn.generation.is_queued for turn in runner.started] == [False, True, False]
    waiting = runner.started[1]
    assert ahead_in_line() == {waiting.reply.pk: 0}
    assert admission.take(runner.door()) == (None, (), True)
    end(runner.started[0])
    taken = admission.take(runner.door()).taken
    assert taken is not None
    assert taken.message_id == waiting.reply.pk


def test_replies_that_wait_for_an_endpoint_in_trouble_leave_half_of_the_slots_to_others(
    ann: User, stranger: User
) -> None:
    slow = language_model(at=endpoint("Slow", "http://slow/v1"), model_name="small")
    runner = RecordingRunner(at_once=4)
    for person in (ann, ann, stranger):
        begin_with(person, slow, runner)
    for turn in runner.started[2:]:
        assert not turn.generation.is_queued
        end(turn)
    address = runner.started[0].generation.completion.endpoint
    note_pause(address)
    begin_with(stranger, slow, runner)
    begin_with(stranger, None, runner)

    *_, of_slow, of_another = runner.started
    assert of_slow.generation.is_queued
    assert not of_another.generation.is_queued
    assert admission.take(runner.door()).taken is None
    assert rows.close(address)
    taken = admission.take(runner.door()).taken
    assert taken is not None
    assert taken.message_id == of_slow.reply.pk


def test_those_that_wait_at_one_endpoint_leave_the_line_of_another_one_free(ann: User) -> None:
    slow = language_model(at=endpoint("Slow", "http://slow/v1", max_replies=1), model_name="small")
    runner = RecordingRunner(at_once=10, waiting=4)
    people = [User.objects.create_user(f"person-{number}") for number in range(4)]
    begin_with(ann, slow, runner)
    for person in people:
        begin_with(person, slow, runner)
    runner.limits = replace(runner.limits, at_once=1)
    begin_with(ann, None, runner)
    with pytest.raises(NoPlaceError):
        begin_with(ann, slow, runner)

    assert [turn.generation.is_queued for turn in runner.started] == [False, *[True] * 5]
    assert (
        runner.started[-1].generation.completion.endpoint != runner.started[0].generation.completion.endpoint
    )


def begin_with(person: User, model: LanguageModel | None, runner: RecordingRunner) -> None:
    """Ask this model in a conversation of its own."""
    inside = factories.conversation(person)
    inside.language_model = model
    inside.save()
    call(person, submit, runner=runner, **question(conversation_id=inside.pk))


def note_pause(address: str) -> None:
    """Let the endpoint of this address have asked for a pause."""
    rows.change(address, lambda state, now: (replace(state, paused_until=now + timedelta(minutes=1)), None))


def test_calls_without_a_reply_count(running: Turn, stranger: User) -> None:
    end(running)
    waiting = queue_with_aside(stranger)

    assert waiting.generation.is_queued


def queue_with_aside(person: User) -> Turn:
    class Busy(RecordingRunner):
        def door(self) -> Any:
            return Door(boot_id="boot", limits=NARROW, aside={"http://another/v1": 1})

    runner = Busy()
    call(person, submit, runner=runner, **question())
    return runner.started[0]


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"waiting": 0}, NoPlaceError),
        ({"waiting": 2}, NoPlaceError),
        ({"waiting": 8}, NoPlaceError),
        ({"waiting": 20, "per_person": 3}, TooManyRepliesError),
    ],
    ids=["nobody may wait", "all slots in the line", "the person's share", "the person's limit"],
)
def test_a_reply_is_refused_where_no_more_may_wait(
    ann: User, running: Turn, limits: dict[str, int], error: type[Exception]
) -> None:
    queue(ann)
    queue(ann)
    before = Message.objects.count()
    with pytest.raises(error):
        call(ann, submit, runner=RecordingRunner(at_once=1, **limits), **question())

    assert Message.objects.count() == before
