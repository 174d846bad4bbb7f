"""Replies that wait for a slot and end there: stopped, deleted, or of nobody any more."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from tests.support import factories
from tests.support.queued_replies import end, queue, row_of, take_all
from tests.support.run_stage import RunStage
from vision_chat.models import Generation, Message
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.replies.checkpoints import want_stopped
from vision_chat.services.replies.orphan_rows import find_unrun, interrupt_orphans
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


def test_what_waits_is_no_orphan_however_long(narrow_stage: RunStage, stranger: User, running: Turn) -> None:
    waiting = queue(stranger)
    Generation.objects.filter(pk=waiting.generation.pk).update(heartbeat_at=Now() - timedelta(hours=1))

    assert find_unrun() == (False, True)
    interrupt_orphans("another", others_may_run=False)
    assert row_of(running).status == Status.INTERRUPTED
    assert row_of(waiting).status == Status.RUNNING


def test_a_stop_ends_what_waits_and_asks_nobody(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    assert want_stopped([waiting.reply.pk]) == {waiting.reply.pk: NO_PROCESS}
    narrow_stage.run(narrow_stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert row_of(waiting).status == Status.STOPPED
    assert narrow_stage.fake.calls == []


def test_a_stop_that_comes_as_another_process_takes_it_reaches_that(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    want_stopped([waiting.reply.pk])
    Generation.objects.filter(pk=waiting.generation.pk).update(boot_id="another")
    narrow_stage.run(narrow_stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert row_of(waiting).status == Status.RUNNING
    assert row_of(waiting).is_stop_wanted


@pytest.mark.parametrize("what", ["account closed", "conversation deleted", "stopped"])
def test_what_nobody_wants_any_more_is_ended_and_not_written(
    narrow_stage: RunStage, stranger: User, running: Turn, what: str
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
    take_all(narrow_stage)

    assert row_of(waiting).status == Status.STOPPED
    assert narrow_stage.fake.calls == []


def test_the_message_that_waits_for_a_stopped_reply_stays(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    message = factories.waiting_for(waiting.reply)
    narrow_stage.run(narrow_stage.runner.line.end(waiting.reply.pk, Status.STOPPED))

    assert Message.objects.get(pk=message.pk).state == "waiting"
