"""The turn of a queued reply, made anew from its rows."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_scenarios import say
from tests.support.models_of_sites import endpoint, language_model
from tests.support.queued_replies import end, queue, row_of, settings_of_stage, take_all
from tests.support.run_stage import RunStage
from tests.support.use_cases import RecordingRunner, ask, call, finish
from vision_chat.models import Generation, LanguageModel, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


def test_a_turn_is_made_anew_from_its_rows(narrow_stage: RunStage, stranger: User, running: Turn) -> None:
    inside = factories.conversation(stranger)
    inside.system_prompt, inside.parameters = "Be brief.", {"temperature": 0.5}
    inside.save()
    factories.turn(inside, "Before?", "Yes.")
    waiting = queue(stranger, "And now?", conversation_id=inside.pk)
    inside.system_prompt, inside.parameters = "Be long.", {}
    inside.save()
    end(running)
    narrow_stage.fake.script(say("Now."))
    settings_of_stage(waiting)
    take_all(narrow_stage)
    narrow_stage.until(lambda: row_of(waiting).status == Status.COMPLETED)

    body = narrow_stage.fake.calls[0].body
    assert [message["content"] for message in body["messages"]] == [
        "Be brief.",
        "Before?",
        "Yes.",
        "And now?",
    ]
    assert body["temperature"] == 0.5


def test_a_continuation_is_made_anew_from_its_rows(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
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
    narrow_stage.fake.script(say(" and goes on."))
    end(blocking)
    take_all(narrow_stage)
    live = narrow_stage.runner.live(first.reply.pk)
    assert live is not None
    narrow_stage.watch(live)

    assert Message.objects.get(pk=first.reply.pk).text == "It begins and goes on."
    assert narrow_stage.fake.calls[0].body["messages"][1] == {"role": "assistant", "content": "It begins"}


def test_several_answers_are_asked_for_as_they_were(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    inside = factories.conversation(stranger)
    inside.parameters = {"n": 2}
    inside.save()
    waiting = queue(stranger, conversation_id=inside.pk)
    settings_of_stage(waiting)
    end(running)
    narrow_stage.fake.script(say("One."))
    take_all(narrow_stage)
    narrow_stage.until(lambda: row_of(waiting).status != Status.RUNNING)

    assert narrow_stage.fake.calls[0].body["n"] == 2


def test_a_reply_whose_model_may_be_used_no_longer_fails_and_says_so(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    other = language_model(at=endpoint("Other", "http://other/v1"), model_name="other")
    inside = factories.conversation(stranger)
    inside.language_model = other
    inside.save()
    waiting = queue(stranger, conversation_id=inside.pk)
    LanguageModel.objects.all().delete()
    end(running)
    take_all(narrow_stage)

    assert row_of(waiting).status == Status.FAILED
    assert row_of(waiting).error_code == "turn.model_not_usable"


def test_a_reply_about_a_part_that_the_picture_has_no_longer_fails_and_says_so(
    narrow_stage: RunStage, stranger: User, running: Turn
) -> None:
    waiting = queue(stranger)
    settings_of_stage(waiting)
    Generation.objects.filter(pk=waiting.generation.pk).update(tile=1)
    end(running)
    take_all(narrow_stage)

    assert (row_of(waiting).status, row_of(waiting).error_code) == (Status.FAILED, "turn.image_choices")
    assert narrow_stage.fake.calls == []


@pytest.mark.parametrize("changed", [{"status": Status.INTERRUPTED}, {"boot_id": "another"}])
def test_no_turn_is_made_of_what_has_ended_or_has_another_owner(
    narrow_stage: RunStage, running: Turn, changed: dict[str, str]
) -> None:
    settings_of_stage(running)
    rebuild, boot_id = narrow_stage.runner.dependencies.rebuild, narrow_stage.runner.boot_id
    assert rebuild(running.generation.pk, boot_id) is not None

    Generation.objects.filter(pk=running.generation.pk).update(**changed)
    assert rebuild(running.generation.pk, boot_id) is None
