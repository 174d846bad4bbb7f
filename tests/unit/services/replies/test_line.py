"""Replies that wait for a place: rows without an owner, which a process takes when it is their turn."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.models.functions import Now

from tests.support import factories
from tests.support.fake_endpoint import PATIENCE
from tests.support.fake_scenarios import error, say, step
from tests.support.losable_writer import LosableWriter
from tests.support.models_of_sites import endpoint, language_model
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import RecordingRunner, ask, begin, call, finish, question
from vision_chat.errors.turns import ModelNotUsableError, NoPlaceError, TooManyRepliesError
from vision_chat.models import Completion, Generation, LanguageModel, Message
from vision_chat.models.generation import NO_OWNER, Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.submit import submit
from vision_chat.services.endpoint_states import rows
from vision_chat.services.replies import admission
from vision_chat.services.replies.admission import places_in_line
from vision_chat.services.replies.checkpoints import find_unowned, interrupt_orphans, want_stopped
from vision_chat.services.replies.places import Admission, ReplyLimits
from vision_chat.services.replies.turn import Turn
from vision_chat.services.writer import Writer

pytestmark = pytest.mark.each_database

NARROW = ReplyLimits(at_once=1)


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    """A site that writes one reply at a time."""
    with run_stage(limits=NARROW) as stage:
        yield stage


@pytest.fixture
def running(ann: User) -> Turn:
    """A reply that has the only place."""
    return ask(ann)


def queue(person: User, text: str = "What is this?", **values: Any) -> Turn:
    """Submit a question whose reply has to wait."""
    runner = RecordingRunner(at_once=1)
    call(person, submit, runner=runner, **question(text, **values))
    (turn,) = runner.started
    assert turn.generation.is_queued
    return turn


def row_of(turn: Turn) -> Generation:
    return Generation.objects.get(pk=turn.generation.pk)


def end(turn: Turn) -> None:
    """Let a reply have ended."""
    Generation.objects.filter(pk=turn.generation.pk).update(status=Status.COMPLETED)


def take_all(stage: RunStage) -> int:
    return stage.run(stage.runner.line.take_all())


def test_a_reply_without_a_place_waits_and_is_written_when_one_is_free(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    live = stage.start(running, step("One."), say("Two."))
    call = stage.next_call()
    waiting = queue(stranger)
    settings_of_stage(waiting)
    assert take_all(stage), "others wait"
    assert row_of(waiting).boot_id == NO_OWNER

    line = stage.now(asyncio.ensure_future, stage.runner.line.run())
    call.release(10)
    stage.watch(live)
    stage.until(lambda: row_of(waiting).status == Status.COMPLETED)
    line.cancel()
    assert Message.objects.get(pk=waiting.reply.pk).text == "Two."


def test_what_waits_is_no_orphan_however_long(stage: RunStage, stranger: User, running: Turn) -> None:
    waiting = queue(stranger)
    Generation.objects.filter(pk=waiting.generation.pk).update(heartbeat_at=Now() - timedelta(hours=1))

    assert find_unowned() == (False, True)
    interrupt_orphans("another", others_may_run=False)
    assert row_of(running).status == Status.INTERRUPTED
    assert row_of(waiting).status == Status.RUNNING


def test_of_those_that_wait_people_take_turns(ann: User, stranger: User, running: Turn) -> None:
    first, second, of_stranger = queue(ann, "1"), queue(ann, "2"), queue(stranger, "3")
    replies = [turn.reply.pk for turn in (first, of_stranger, second)]
    assert places_in_line() == dict(zip(replies, range(3), strict=True))

    taken = []
    for _ in range(3):
        Generation.objects.owned().update(status=Status.COMPLETED)
        found = admission.take(RecordingRunner(at_once=1).admission()).taken
        assert found is not None
        taken.append(found.message_id)
    assert taken == replies


def test_a_new_reply_comes_after_those_that_wait_also_where_a_place_is_free(
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
    assert places_in_line() == {waiting.reply.pk: 0}
    assert admission.take(runner.admission()) == (None, (), True)
    end(runner.started[0])
    taken = admission.take(runner.admission()).taken
    assert taken is not None
    assert taken.message_id == waiting.reply.pk


def test_replies_that_wait_for_an_endpoint_in_trouble_leave_half_of_the_places_to_others(
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
    assert admission.take(runner.admission()).taken is None
    assert rows.close(address)
    taken = admission.take(runner.admission()).taken
    assert taken is not None
    assert taken.message_id == of_slow.reply.pk


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
        def admission(self) -> Any:
            return Admission(boot_id="boot", limits=NARROW, aside={"http://another/v1": 1})

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
    ids=["nobody may wait", "all places in the line", "the person's share", "the person's limit"],
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


def test_a_stop_ends_what_waits_and_asks_nobody(stage: RunStage, stranger: User, running: Turn) -> None:
    waiting = queue(stranger)
    assert want_stopped([waiting.reply.pk]) == {waiting.reply.pk: NO_OWNER}
    stage.run(stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert row_of(waiting).status == Status.STOPPED
    assert stage.fake.calls == []


def test_a_stop_that_comes_as_another_process_takes_it_reaches_that(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    want_stopped([waiting.reply.pk])
    Generation.objects.filter(pk=waiting.generation.pk).update(boot_id="another")
    stage.run(stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert row_of(waiting).status == Status.RUNNING
    assert row_of(waiting).is_stop_wanted


@pytest.mark.parametrize("what", ["account closed", "conversation deleted", "stopped"])
def test_what_nobody_wants_any_more_is_ended_and_not_written(
    stage: RunStage, stranger: User, running: Turn, what: str
) -> None:
    waiting = queue(stranger)
    if what == "account closed":
        User.objects.filter(pk=stranger.pk).update(is_active=False)
    elif what == "stopped":
        Generation.objects.filter(pk=waiting.generation.pk).update(is_stop_wanted=True)
    else:
        waiting.reply.conversation.deleted_at = Now()
        waiting.reply.conversation.save(update_fields=["deleted_at"])
    end(running)
    take_all(stage)

    assert row_of(waiting).status == Status.STOPPED
    assert stage.fake.calls == []


def test_the_message_that_waits_for_a_stopped_reply_stays(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    message = factories.waiting_for(waiting.reply)
    stage.run(stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert Message.objects.get(pk=message.pk).state == "waiting"


def test_a_turn_is_made_anew_from_its_rows(stage: RunStage, stranger: User, running: Turn) -> None:
    inside = factories.conversation(stranger)
    inside.system_prompt, inside.parameters = "Be brief.", {"temperature": 0.5}
    inside.save()
    factories.turn(inside, "Before?", "Yes.")
    waiting = queue(stranger, "And now?", conversation_id=inside.pk)
    inside.system_prompt, inside.parameters = "Be long.", {}
    inside.save()
    end(running)
    stage.fake.script(say("Now."))
    settings_of_stage(waiting)
    take_all(stage)
    stage.until(lambda: row_of(waiting).status == Status.COMPLETED)

    body = stage.fake.calls[0].body
    assert [message["content"] for message in body["messages"]] == [
        "Be brief.",
        "Before?",
        "Yes.",
        "And now?",
    ]
    assert body["temperature"] == 0.5


def settings_of_stage(turn: Turn) -> None:
    """Let the turn be one of the stage's model."""
    Completion.objects.filter(generations=turn.generation.pk).update(model_name="fake/vision")


def test_a_continuation_is_made_anew_from_its_rows(stage: RunStage, stranger: User, running: Turn) -> None:
    end(running)
    first = ask(stranger)
    finish(first, "It begins")
    Generation.objects.filter(pk=first.generation.pk).update(thoughts="Hm.", thinking_ms=5)
    blocking = ask(User.objects.create_user("bea"))
    runner = RecordingRunner(at_once=1)
    call(stranger, continue_reply, str(first.reply.pk), runner=runner)
    (waiting,) = runner.started
    assert waiting.generation.is_queued
    settings_of_stage(waiting)
    stage.fake.script(say(" and goes on."))
    end(blocking)
    take_all(stage)
    live = stage.runner.live(first.reply.pk)
    assert live is not None
    stage.watch(live)

    assert Message.objects.get(pk=first.reply.pk).text == "It begins and goes on."
    assert stage.fake.calls[0].body["messages"][1] == {"role": "assistant", "content": "It begins"}


def test_several_answers_are_asked_for_as_they_were(stage: RunStage, stranger: User, running: Turn) -> None:
    inside = factories.conversation(stranger)
    inside.parameters = {"n": 2}
    inside.save()
    waiting = queue(stranger, conversation_id=inside.pk)
    settings_of_stage(waiting)
    end(running)
    stage.fake.script(say("One."))
    take_all(stage)
    stage.until(lambda: row_of(waiting).status != Status.RUNNING)

    assert stage.fake.calls[0].body["n"] == 2


def test_a_reply_whose_model_may_be_used_no_longer_fails_and_says_so(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    other = language_model(at=endpoint("Other", "http://other/v1"), model_name="other")
    inside = factories.conversation(stranger)
    inside.language_model = other
    inside.save()
    waiting = queue(stranger, conversation_id=inside.pk)
    LanguageModel.objects.all().delete()
    end(running)
    take_all(stage)

    assert row_of(waiting).status == Status.FAILED
    assert row_of(waiting).error_code == "turn.model_not_usable"


def test_a_reply_about_a_part_that_the_picture_has_no_longer_fails_and_says_so(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    Generation.objects.filter(pk=waiting.generation.pk).update(tile=1)
    end(running)
    take_all(stage)

    assert (row_of(waiting).status, row_of(waiting).error_code) == (Status.FAILED, "turn.image_choices")
    assert stage.fake.calls == []


@pytest.mark.parametrize("changed", [{"status": Status.INTERRUPTED}, {"boot_id": "another"}])
def test_no_turn_is_made_of_what_has_ended_or_has_another_owner(
    stage: RunStage, running: Turn, changed: dict[str, str]
) -> None:
    settings_of_stage(running)
    rebuild, boot_id = stage.runner.dependencies.rebuild, stage.runner.boot_id
    assert rebuild(running.generation.pk, boot_id) is not None

    Generation.objects.filter(pk=running.generation.pk).update(**changed)
    assert rebuild(running.generation.pk, boot_id) is None


def test_what_is_taken_while_the_process_begins_to_end_waits_again(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    end(running)
    parts = stage.runner.dependencies

    async def taken_and_drained() -> None:
        loop = asyncio.get_running_loop()

        def rebuild(generation_id: int, boot_id: str) -> Turn | None:
            assert row_of(waiting).boot_id == stage.runner.boot_id
            asyncio.run_coroutine_threadsafe(stage.runner.drain(0), loop).result(PATIENCE)
            return parts.rebuild(generation_id, boot_id)

        stage.runner.dependencies = replace(parts, rebuild=rebuild)
        await stage.runner.line.take_all()

    settings_of_stage(waiting)
    stage.run(taken_and_drained())
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_OWNER, Status.RUNNING)
    assert stage.fake.calls == []


@pytest.mark.parametrize(
    "fails", [OperationalError("restarting"), ModelNotUsableError()], ids=["lost", "unusable"]
)
def test_what_is_taken_while_the_database_is_lost_is_put_back_once_it_answers(
    stage: RunStage, stranger: User, running: Turn, fails: Exception
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    parts = stage.runner.dependencies
    writer = LosableWriter(parts.writer)

    def rebuild(generation_id: int, boot_id: str) -> Turn | None:
        writer.is_away = True
        raise fails

    stage.runner.dependencies = replace(parts, writer=cast(Writer, writer), rebuild=rebuild)
    for _ in range(2):
        with pytest.raises(OperationalError):
            take_all(stage)
    assert row_of(waiting).boot_id == stage.runner.boot_id
    writer.is_away = False
    stage.runner.dependencies = parts
    stage.fake.script(say("Written after all."))
    take_all(stage)

    if isinstance(fails, ModelNotUsableError):
        assert row_of(waiting).error_code == fails.code
    else:
        stage.until(lambda: row_of(waiting).status == Status.COMPLETED)


def test_what_is_being_taken_as_the_line_is_cancelled_waits_again(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    parts = stage.runner.dependencies
    is_cancelled = threading.Event()

    async def served_to_the_end() -> None:
        loop, line = asyncio.get_running_loop(), asyncio.create_task(stage.runner.line.run())

        def cancel() -> None:
            stage.runner.close_door(0)
            line.cancel()
            is_cancelled.set()

        def rebuild(generation_id: int, boot_id: str) -> Turn | None:
            assert row_of(waiting).boot_id == stage.runner.boot_id
            loop.call_soon_threadsafe(cancel)
            assert is_cancelled.wait(PATIENCE)
            return parts.rebuild(generation_id, boot_id)

        stage.runner.dependencies = replace(parts, rebuild=rebuild)
        await asyncio.wait({line})

    stage.run(served_to_the_end())
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_OWNER, Status.RUNNING)


def test_a_place_is_free_again_however_its_reply_ends(stage: RunStage, ann: User) -> None:
    for scenario in (error(400), say("An answer.")):
        stage.watch(stage.start(ask(ann), scenario))
        stage.next_call()
    stopped = ask(ann)

    def start_and_stop() -> None:
        stage.runner.start(stopped)
        stage.runner.stop(stopped.reply.pk)

    stage.now(start_and_stop)
    stage.until(lambda: row_of(stopped).status == Status.STOPPED)
    assert not begin(ann, submit, **question()).generation.is_queued
