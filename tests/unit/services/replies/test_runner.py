"""The replies of a process: kept for a while, replaced, stopped, saved, lost and drained."""

import asyncio
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.deletions import delete
from tests.support.fake_scenarios import error, say, step
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask, begin
from vision_chat.errors.turns import ShuttingDownError
from vision_chat.models import Conversation, Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.completions.catalogue import ModelStatus
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.replies.checkpoints import want_stopped
from vision_chat.services.replies.orphan_rows import interrupt_orphans
from vision_chat.services.replies.runner import CHECKPOINT_SECONDS, LINGER_SECONDS
from vision_chat.services.replies.turn import Turn
from vision_chat.services.thoughts.division import ReplySoFar


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


@pytest.fixture
def turn(ann: User) -> Turn:
    return ask(ann)


def status_of(turn: Turn) -> str:
    return Generation.objects.get(pk=turn.generation.pk).status


def text_of(turn: Turn) -> str:
    return Message.objects.get(pk=turn.reply.pk).text


def test_a_settled_reply_is_found_for_a_while_and_then_dropped(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, say("An answer."))
    assert stage.watch(live).status == Status.COMPLETED

    stage.skip(LINGER_SECONDS - 1)
    assert stage.runner.live(turn.reply.pk) is live
    stage.skip(2)
    assert stage.runner.live(turn.reply.pk) is None


def test_only_a_reply_that_runs_is_listed_and_has_something_written(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    assert stage.runner.written(turn.reply.pk) == ReplySoFar("One", "", None)
    assert stage.runner.generation_ids() == [turn.generation.pk]

    call.release(2)
    stage.watch(live)
    assert stage.runner.written(turn.reply.pk) is None
    assert stage.runner.generation_ids() == []


def test_a_continuation_replaces_the_reply_that_lingers(stage: RunStage, ann: User, turn: Turn) -> None:
    first = stage.start(turn, say("It begins"))
    stage.next_call()
    stage.watch(first)
    stage.skip(LINGER_SECONDS - 1)
    continued = begin(ann, continue_reply, str(turn.reply.pk))
    second = stage.start(continued, step(" and goes on."))
    call = stage.next_call()
    stage.say(second, call, 1)
    assert stage.runner.live(turn.reply.pk) is second

    stage.skip(2)  # the time of the first is over
    assert stage.runner.live(turn.reply.pk) is second
    call.release(10)
    stage.watch(second)
    assert text_of(turn) == "It begins and goes on."


def test_stop_hangs_up_and_keeps_what_has_come(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two three."))
    call = stage.next_call()
    stage.say(live, call, 2)
    stage.now(stage.runner.stop, turn.reply.pk)

    assert stage.watch(live).status == Status.STOPPED
    stage.run(call.wait_closed())
    assert (status_of(turn), text_of(turn)) == (Status.STOPPED, "One two")


def test_stop_before_the_reply_has_begun_settles_it(stage: RunStage, turn: Turn) -> None:
    def start_and_stop() -> None:
        stage.runner.start(turn)
        stage.runner.stop(turn.reply.pk)

    stage.now(start_and_stop)
    live = stage.runner.live(turn.reply.pk)
    assert live is not None

    assert stage.watch(live).status == Status.STOPPED
    assert status_of(turn) == Status.STOPPED
    assert stage.fake.calls == []


def test_stop_after_the_end_changes_nothing(stage: RunStage, turn: Turn) -> None:
    stage.watch(stage.start(turn, say("An answer.")))
    stage.now(stage.runner.stop, turn.reply.pk)
    stage.now(stage.runner.stop, turn.reply.pk + 1)

    assert (status_of(turn), text_of(turn)) == (Status.COMPLETED, "An answer.")


def test_a_reply_whose_task_breaks_before_it_settles_is_settled_as_failed(
    turn: Turn, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(endpoint: Endpoint) -> ModelStatus:
        raise ZeroDivisionError

    with run_stage(look_up=break_down) as stage:
        live = stage.start(turn, error(404))
        assert stage.watch(live).status == Status.FAILED
        stage.until(lambda: not stage.runner.generation_ids())

    assert Generation.objects.get(pk=turn.generation.pk).error_detail == "ZeroDivisionError()"
    assert "failed" in caplog.text


def test_a_checkpoint_saves_the_text_and_the_next_only_what_has_grown(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    stage.run(stage.runner.checkpoint())
    assert (status_of(turn), text_of(turn)) == (Status.RUNNING, "One")

    Message.objects.filter(pk=turn.reply.pk).update(text="untouched")
    stage.run(stage.runner.checkpoint())
    assert text_of(turn) == "untouched"


def test_a_checkpoint_cancels_a_reply_that_another_process_has_settled(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    Generation.objects.filter(pk=turn.generation.pk).update(status=Status.STOPPED)
    stage.run(stage.runner.checkpoint())

    assert stage.watch(live).status == Status.STOPPED
    stage.run(call.wait_closed())
    assert text_of(turn) == "", "the text is the other process's affair"


def test_a_reply_that_another_process_took_for_dead_still_saves_its_text(
    stage: RunStage, ann: User, turn: Turn
) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    stage.run(stage.runner.checkpoint())
    stage.say(live, call, 1)
    interrupt_orphans("another", others_may_run=False)
    stage.run(stage.runner.checkpoint())

    assert stage.watch(live).status == Status.INTERRUPTED
    assert (status_of(turn), text_of(turn)) == (Status.INTERRUPTED, "One two.")


def test_it_saves_nothing_where_somebody_went_on_with_what_was_saved(
    stage: RunStage, ann: User, turn: Turn
) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    stage.run(stage.runner.checkpoint())
    stage.say(live, call, 1)
    interrupt_orphans("another", others_may_run=False)
    begin(ann, continue_reply, str(turn.reply.pk))
    stage.run(stage.runner.checkpoint())
    stage.watch(live)

    assert text_of(turn) == "One"


def test_a_checkpoint_stops_what_was_stopped_in_another_process(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)

    assert want_stopped([turn.reply.pk]) == {turn.reply.pk: stage.runner.boot_id}
    stage.run(stage.runner.checkpoint())
    assert stage.watch(live).status == Status.STOPPED
    assert want_stopped([turn.reply.pk]) == {}


def test_the_reply_of_a_conversation_that_has_gone_ends_as_interrupted(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    Conversation.objects.all().delete()
    stage.run(stage.runner.checkpoint())

    assert stage.watch(live).status == Status.INTERRUPTED


@pytest.mark.parametrize("what", ["account closed", "conversation deleted elsewhere"])
def test_a_checkpoint_stops_a_reply_that_nobody_wants(
    stage: RunStage, ann: User, turn: Turn, what: str
) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    if what == "account closed":
        User.objects.filter(pk=ann.pk).update(is_active=False)
    else:
        Conversation.objects.filter(owner=ann).update(deleted_at=timezone.now())
    stage.run(stage.runner.checkpoint())

    assert stage.watch(live).status == Status.STOPPED
    assert (status_of(turn), text_of(turn)) == (Status.STOPPED, "One")


def test_the_reply_of_a_person_who_was_deleted_ends(stage: RunStage, ann: User, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    delete(ann)
    stage.run(stage.runner.checkpoint())

    assert stage.watch(live).status == Status.INTERRUPTED
    stage.run(call.wait_closed())


def test_a_checkpoint_that_fails_is_tried_again_by_the_clock(
    stage: RunStage, turn: Turn, caplog: pytest.LogCaptureFixture
) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    clock = stage.now(asyncio.ensure_future, stage.runner.run_checkpoints())
    with factories.without_table("vision_chat_generation"):
        stage.skip(CHECKPOINT_SECONDS)
        stage.until(lambda: "could not be saved" in caplog.text)
    stage.skip(CHECKPOINT_SECONDS)
    stage.until(lambda: text_of(turn) == "One")
    clock.cancel()

    assert status_of(turn) == Status.RUNNING


def test_drain_refuses_new_turns_and_interrupts_what_still_runs(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    stage.run(stage.runner.drain(0.01))

    assert stage.watch(live).status == Status.INTERRUPTED
    assert text_of(turn) == "One"
    with pytest.raises(ShuttingDownError):
        stage.runner.door()


def test_drain_lets_replies_end_within_their_grace(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    call = stage.next_call()
    stage.say(live, call, 1)
    call.release(2)
    stage.run(stage.runner.drain(10))

    assert live.end is not None
    assert (status_of(turn), text_of(turn)) == (Status.COMPLETED, "One two.")


def test_the_grace_counts_from_the_moment_when_the_door_was_closed(stage: RunStage, turn: Turn) -> None:
    live = stage.start(turn, step("One two."))
    stage.say(live, stage.next_call(), 1)
    stage.now(stage.runner.close_door, 0.0)
    stage.run(stage.runner.drain(1000))

    assert status_of(turn) == Status.INTERRUPTED


@pytest.mark.parametrize("is_draining", [False, True])
def test_the_end_of_a_reply_begins_the_next_unless_the_process_is_ending(
    stage: RunStage, ann: User, turn: Turn, is_draining: bool
) -> None:
    live = stage.start(turn, step("One two."), say("Three."))
    call = stage.next_call()
    stage.say(live, call, 1)
    waiting = factories.waiting_for(turn.reply)
    WaitingMessage.objects.update(
        settings={"model_name": "fake/vision", "parameters": {}, "system_prompt": ""}
    )
    call.release(2)
    if is_draining:
        stage.run(stage.runner.drain(10))
        assert status_of(turn) == Status.COMPLETED
        assert Message.objects.get(pk=waiting.pk).state == "waiting"
        return
    stage.watch(live)
    stage.until(lambda: Message.objects.filter(parent=waiting, text="Three.").exists())

    assert stage.next_call().body["messages"][-1]["content"] == "And then?"
