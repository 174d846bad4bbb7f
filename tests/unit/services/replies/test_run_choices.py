"""Several answers of one call: each a reply of its own, beside the others."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.choice_scenarios import chunk, several, step_frames
from tests.support.fake_scenarios import error, length, say
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import RecordingRunner, ask, begin, call, question
from vision_chat.errors.turns import TooManyRepliesError
from vision_chat.models import Completion, Conversation, Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies import _further, orphan_rows
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def asking_for(turn: Turn, count: int, **parameters: Any) -> Turn:
    return replace(turn, settings=replace(turn.settings, parameters=Parameters(n=count, **parameters)))


def rows() -> list[tuple[int, str, str]]:
    """Choice, status and text of all replies, in their order."""
    found = Generation.objects.order_by("pk").select_related("message")
    return [(row.choice_index, row.status, row.message.text) for row in found]


@pytest.mark.parametrize("is_in_turn", [False, True])
def test_each_answer_is_a_sibling_with_its_own_text(stage: RunStage, ann: User, *, is_in_turn: bool) -> None:
    turn = ask(ann)
    texts = ("One answer.", "Another one.", "And a third.")
    end = stage.watch(stage.start(asking_for(turn, 3), several(*texts, is_in_turn=is_in_turn)))
    stage.until(lambda: not Generation.objects.running().exists())

    assert stage.fake.calls[0].body["n"] == 3
    assert end.status == Status.COMPLETED
    assert rows() == [(index, Status.COMPLETED, text) for index, text in enumerate(texts)]
    assert set(Message.objects.filter(role="assistant").values_list("parent", flat=True)) == {
        turn.reply.parent_id
    }
    assert Conversation.objects.get().leaf_id == turn.reply.pk
    assert Completion.objects.get().usd_spent == Decimal("0.000625")
    assert Completion.objects.get().answer_count == 3
    assert "for 3 answers together" in end.html


def test_an_endpoint_that_gives_one_answer_leaves_no_empty_sibling(stage: RunStage, ann: User) -> None:
    end = stage.watch(stage.start(asking_for(ask(ann), 3), say("The only one.")))

    assert rows() == [(0, Status.COMPLETED, "The only one.")]
    assert "2 more answers were asked for" in end.html
    assert "together" not in end.html


def test_an_answer_that_was_not_asked_for_is_not_kept(stage: RunStage, ann: User) -> None:
    stage.watch(stage.start(ask(ann), several("One.", "Two.")))
    assert rows() == [(0, Status.COMPLETED, "One.")]


def test_a_refused_call_leaves_one_failed_reply(stage: RunStage, ann: User) -> None:
    stage.watch(stage.start(asking_for(ask(ann), 2), error(401)))
    assert rows() == [(0, Status.FAILED, "")]


def test_an_answer_that_has_ended_is_complete_whatever_becomes_of_the_others(
    stage: RunStage, ann: User
) -> None:
    frames = [chunk(0, content="Whole."), chunk(1, content="Half"), chunk(0, "stop")]
    live = stage.start(asking_for(ask(ann), 2), step_frames(*frames, is_cut=True))
    stage.next_call().release(4)
    stage.watch(live)
    stage.until(lambda: not Generation.objects.running().exists())

    assert rows() == [(0, Status.COMPLETED, "Whole."), (1, Status.INTERRUPTED, "Half")]


def test_an_answer_without_words_fails_alone(stage: RunStage, ann: User) -> None:
    frames = [chunk(1, reasoning="Hmm"), chunk(0, content="Fine."), chunk(0, "stop"), chunk(1, "stop")]
    live = stage.start(asking_for(ask(ann), 2), step_frames(*frames))
    stage.next_call().release(5)
    stage.watch(live)
    stage.until(lambda: not Generation.objects.running().exists())

    assert rows() == [(0, Status.COMPLETED, "Fine."), (1, Status.FAILED, "")]


def begun(stage: RunStage, turn: Turn) -> Message:
    """Two answers that have begun and go on; the second one's reply."""
    frames = [chunk(0, content="One "), chunk(1, content="Two "), chunk(0, content="more")]
    live = stage.start(asking_for(turn, 2), step_frames(*frames))
    stage.next_call().release(3)
    stage.until(lambda: live.text == "One more")
    return Message.objects.get(generations__choice_index=1)


def test_all_are_saved_while_they_are_written_and_stopping_one_stops_the_call(
    stage: RunStage, ann: User
) -> None:
    turn = ask(ann)
    sibling = begun(stage, turn)
    stage.run(stage.runner.checkpoint())
    assert rows() == [(0, Status.RUNNING, "One more"), (1, Status.RUNNING, "Two ")]
    assert set(stage.runner.generation_ids()) == set(Generation.objects.values_list("pk", flat=True))

    live = stage.runner.live(sibling.pk)
    assert live is not None
    stage.now(stage.runner.stop, sibling.pk)
    stage.watch(live)
    stage.run(stage.fake.calls[0].wait_closed())
    assert rows() == [(0, Status.STOPPED, "One more"), (1, Status.STOPPED, "Two ")]


def test_a_deleted_conversation_ends_all(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    begun(stage, turn)
    Conversation.objects.update(deleted_at=turn.reply.created_at)
    stage.run(stage.runner.checkpoint())
    stage.until(lambda: not Generation.objects.running().exists())

    assert [status for _, status, _ in rows()] == [Status.STOPPED, Status.STOPPED]


def test_a_process_that_dies_leaves_all_interrupted(stage: RunStage, ann: User) -> None:
    begun(stage, ask(ann))
    stage.run(stage.runner.checkpoint())
    orphan_rows.interrupt_orphans("another", others_may_run=False)

    assert rows() == [(0, Status.INTERRUPTED, "One more"), (1, Status.INTERRUPTED, "Two ")]


def test_no_answer_is_added_to_a_reply_that_has_ended_or_was_deleted(
    transactional_db: None, ann: User
) -> None:
    turn = ask(ann)
    first = Checkpoint(turn.generation.pk, turn.reply.pk, "")
    Message.objects.filter(pk=turn.reply.pk).update(deleted_at=turn.reply.created_at)
    assert _further.add_choice(first, 1, "boot") is None
    Message.objects.filter(pk=turn.reply.pk).update(deleted_at=None)
    Generation.objects.update(status=Status.STOPPED)
    assert _further.add_choice(first, 1, "boot") is None


def test_a_reply_that_goes_on_is_one(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, length()))
    more = begin(ann, continue_reply, str(turn.reply.pk))
    stage.watch(stage.start(asking_for(more, 2), say(" middle.")))

    assert "n" not in stage.fake.calls[1].body


def test_a_person_is_charged_for_the_call_once(stage: RunStage, ann: User) -> None:
    begun(stage, ask(ann))
    call(ann, submit, runner=RecordingRunner(per_person=2), **question())
    with pytest.raises(TooManyRepliesError):
        call(ann, submit, runner=RecordingRunner(per_person=2), **question())
