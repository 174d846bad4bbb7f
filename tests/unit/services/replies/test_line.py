"""Replies that wait for a slot: rows that no process runs, until one takes them when it is their turn."""

import asyncio
import threading
from dataclasses import replace
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from tests.support.fake_endpoint import PATIENCE
from tests.support.fake_scenarios import error, say, step
from tests.support.losable_writer import DeafWriter, LosableWriter
from tests.support.queued_replies import end, queue, row_of, settings_of_stage, take_all
from tests.support.run_stage import RunStage
from tests.support.use_cases import ask, begin, question
from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Message
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies import admission
from vision_chat.services.replies.turn import Turn
from vision_chat.services.writer import Writer

pytestmark = pytest.mark.each_database


def test_a_reply_without_a_slot_waits_and_is_written_when_one_is_free(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    live = narrow_stage.start(running, step("One."), say("Two."))
    call = narrow_stage.next_call()
    waiting = queue(stranger)
    settings_of_stage(waiting)
    assert take_all(narrow_stage), "others wait"
    assert row_of(waiting).boot_id == NO_PROCESS

    line = narrow_stage.now(asyncio.ensure_future, narrow_stage.runner.line.run())
    call.release(10)
    narrow_stage.watch(live)
    narrow_stage.until(lambda: row_of(waiting).status == Status.COMPLETED)
    line.cancel()
    assert Message.objects.get(pk=waiting.reply.pk).text == "Two."


def test_what_is_taken_while_the_process_begins_to_end_waits_again(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    end(running)
    parts = narrow_stage.runner.dependencies

    async def taken_and_drained() -> None:
        loop = asyncio.get_running_loop()

        def rebuild(generation_id: int, boot_id: str) -> Turn | None:
            assert row_of(waiting).boot_id == narrow_stage.runner.boot_id
            asyncio.run_coroutine_threadsafe(narrow_stage.runner.drain(0), loop).result(PATIENCE)
            return parts.rebuild(generation_id, boot_id)

        narrow_stage.runner.dependencies = replace(parts, rebuild=rebuild)
        await narrow_stage.runner.line.take_all()

    settings_of_stage(waiting)
    narrow_stage.run(taken_and_drained())
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_PROCESS, Status.RUNNING)
    assert narrow_stage.fake.calls == []


@pytest.mark.parametrize(
    "fails", [OperationalError("restarting"), ModelNotUsableError()], ids=["lost", "unusable"]
)
def test_what_is_taken_while_the_database_is_lost_is_put_back_once_it_answers(
    narrow_stage: RunStage, stranger: User, running: Turn, fails: Exception
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    parts = narrow_stage.runner.dependencies
    writer = LosableWriter(parts.writer)

    def rebuild(generation_id: int, boot_id: str) -> Turn | None:
        writer.is_away = True
        raise fails

    narrow_stage.runner.dependencies = replace(parts, writer=cast(Writer, writer), rebuild=rebuild)
    for _ in range(2):
        with pytest.raises(OperationalError):
            take_all(narrow_stage)
    assert row_of(waiting).boot_id == narrow_stage.runner.boot_id
    writer.is_away = False
    narrow_stage.runner.dependencies = parts
    narrow_stage.fake.script(say("Written after all."))
    take_all(narrow_stage)

    if isinstance(fails, ModelNotUsableError):
        assert row_of(waiting).error_code == fails.code
    else:
        narrow_stage.until(lambda: row_of(waiting).status == Status.COMPLETED)


def test_what_was_taken_and_nobody_heard_of_it_is_written(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    narrow_stage.fake.script(say("Written after all."))
    parts = narrow_stage.runner.dependencies
    writer = DeafWriter(parts.writer, admission.take)
    narrow_stage.runner.dependencies = replace(parts, writer=cast(Writer, writer))
    with pytest.raises(OperationalError):
        take_all(narrow_stage)
    assert row_of(waiting).boot_id == narrow_stage.runner.boot_id
    take_all(narrow_stage)
    narrow_stage.until(lambda: row_of(waiting).status != Status.RUNNING)

    assert row_of(waiting).status == Status.COMPLETED
    assert len(narrow_stage.fake.calls) == 1


def test_what_is_being_taken_as_the_line_is_cancelled_waits_again(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    end(running)
    parts = narrow_stage.runner.dependencies
    is_cancelled = threading.Event()

    async def served_to_the_end() -> None:
        loop, line = asyncio.get_running_loop(), asyncio.create_task(narrow_stage.runner.line.run())

        def cancel() -> None:
            narrow_stage.runner.close_door(0)
            line.cancel()
            is_cancelled.set()

        def rebuild(generation_id: int, boot_id: str) -> Turn | None:
            assert row_of(waiting).boot_id == narrow_stage.runner.boot_id
            loop.call_soon_threadsafe(cancel)
            assert is_cancelled.wait(PATIENCE)
            return parts.rebuild(generation_id, boot_id)

        narrow_stage.runner.dependencies = replace(parts, rebuild=rebuild)
        await asyncio.wait({line})

    narrow_stage.run(served_to_the_end())
    assert (row_of(waiting).boot_id, row_of(waiting).status) == (NO_PROCESS, Status.RUNNING)


def test_a_slot_is_free_again_however_its_reply_ends(narrow_stage: RunStage, ann: User) -> None:
    for scenario in (error(400), say("An answer.")):
        narrow_stage.watch(narrow_stage.start(ask(ann), scenario))
        narrow_stage.next_call()
    stopped = ask(ann)

    def start_and_stop() -> None:
        narrow_stage.runner.start(stopped)
        narrow_stage.runner.stop(stopped.reply.pk)

    narrow_stage.now(start_and_stop)
    narrow_stage.until(lambda: row_of(stopped).status == Status.STOPPED)
    assert not begin(ann, submit, **question()).generation.is_queued
