"""Replies that wait for a slot: rows that no process runs, until one takes them when it is their turn."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from tests.support.fake_endpoint import PATIENCE
from tests.support.fake_scenarios import error, say, step
from tests.support.losable_writer import DeafWriter, LosableWriter
from tests.support.queued_replies import NARROW, end, queue, row_of, settings_of_stage, take_all
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask, begin, question
from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Message
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies import admission
from vision_chat.services.replies.turn import Turn
from vision_chat.services.writer import Writer

pytestmark = pytest.mark.each_database


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    """A site that writes one reply at a time."""
    with run_stage(limits=NARROW) as stage:
        yield stage


@pytest.fixture
def running(ann: User) -> Turn:
    """A reply that has the only slot."""
    return ask(ann)


def test_a_reply_without_a_slot_waits_and_is_written_when_one_is_free(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    live = stage.start(running, step("One."), say("Two."))
    call = stage.next_call()
    waiting = queue(stranger)
    settings_of_stage(waiting)
    assert take_all(stage), "others wait"
    assert row_of(waiting).boot_id == NO_PROCESS

    line = stage.now(asyncio.ensure_future, stage.runner.line.run())
    call.release(10)
    stage.watch(live)
    stage.until(lambda: row_of(waiting).status == Status.COMPLETED)
    line.cancel()
    assert Message.objects.get(pk=waiting.reply.pk).text == "Two."


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
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_PROCESS, Status.RUNNING)
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


def test_what_was_taken_and_nobody_heard_of_it_is_written(
    stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    stage.fake.script(say("Written after all."))
    parts = stage.runner.dependencies
    writer = DeafWriter(parts.writer, admission.take)
    stage.runner.dependencies = replace(parts, writer=cast(Writer, writer))
    with pytest.raises(OperationalError):
        take_all(stage)
    assert row_of(waiting).boot_id == stage.runner.boot_id
    take_all(stage)
    stage.until(lambda: row_of(waiting).status != Status.RUNNING)

    assert row_of(waiting).status == Status.COMPLETED
    assert len(stage.fake.calls) == 1


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
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_PROCESS, Status.RUNNING)


def test_a_slot_is_free_again_however_its_reply_ends(stage: RunStage, ann: User) -> None:
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
