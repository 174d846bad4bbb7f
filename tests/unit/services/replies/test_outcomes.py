"""Whatever a provider reports, the end of a reply can be saved."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.use_cases import ask
from vision_chat.errors.completions import ReplyFailedError
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.replies import ends
from vision_chat.services.replies._outcomes import Outcome, choice_values, completion_values, error_values
from vision_chat.services.replies.checkpoints import Checkpoint

pytestmark = pytest.mark.each_database


def settled(ann: User, outcome: Outcome) -> Generation:
    turn = ask(ann)
    checkpoint = Checkpoint(turn.generation.pk, turn.reply.pk, "hi")
    generation = ends.settle(checkpoint, outcome).generation
    assert generation is not None
    return generation


def finished(reader: ReplyReader) -> Outcome:
    return Outcome(Status.COMPLETED, choice_values(reader.end(0)), completion_values(reader.finish()))


@pytest.mark.parametrize(
    ("usage", "cost", "reason"),
    [
        ({"prompt_tokens": -1}, {}, "stop"),
        ({"prompt_tokens": 2**31}, {}, "stop"),
        ({"completion_tokens": 2**63}, {}, "stop"),
        ({}, {"usd_spent": "NaN"}, "stop"),
        ({}, {"usd_spent": "Infinity"}, "stop"),
        ({}, {"usd_spent": 12345678.5}, "stop"),
        ({}, {"usd_spent": "0.1234567890123"}, "stop"),
        ({}, {}, "x" * 60),
        ({}, {}, "st\0op"),
    ],
)
def test_figures_that_no_column_takes_are_left_out(
    ann: User, usage: dict[str, Any], cost: dict[str, Any], reason: str
) -> None:
    reader = ReplyReader(cost=cost)
    chunk = {"choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": reason}], "usage": usage}
    list(reader.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n"))

    assert settled(ann, finished(reader)).status == Status.COMPLETED


def test_sound_figures_are_kept(ann: User) -> None:
    reader = ReplyReader(cost={"usd_spent": 0.000625})
    chunk = {
        "choices": [{"delta": {"content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7},
    }
    list(reader.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n"))
    generation = settled(ann, finished(reader))

    assert (generation.completion.prompt_tokens, str(generation.completion.usd_spent)) == (7, "0.00062500")


def test_words_that_no_database_takes_are_replaced(ann: User) -> None:
    generation = settled(ann, Outcome(Status.FAILED, error_values(ReplyFailedError("bad \0 thing")), {}))
    assert generation.error_detail == "bad \ufffd thing"
