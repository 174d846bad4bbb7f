"""Replies that wait for a slot, and what becomes of them on a stage."""

from typing import Any

from django.contrib.auth.models import User

from tests.support.run_stage import RunStage
from tests.support.use_cases import RecordingRunner, call, question
from vision_chat.models import Completion, Generation
from vision_chat.models.generation import Status
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import Turn

NARROW = ReplyLimits(at_once=1)


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


def settings_of_stage(turn: Turn) -> None:
    """Let the turn be one of the stage's model."""
    Completion.objects.filter(generations=turn.generation.pk).update(model_name="fake/vision")
