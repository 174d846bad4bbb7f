"""How the writing of one reply ends, whatever happens to it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from django.contrib.auth.models import User

from tests.support.choice_scenarios import chunk, frames_of
from tests.support.fake_scenarios import Scenario, cut, error, error_midway, say
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.completions.endpoints import STREAMING
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.replies.turn import Turn


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def row(turn: Turn) -> Generation:
    return Generation.objects.select_related("completion", "message").get(pk=turn.generation.pk)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (say("An answer."), (Status.COMPLETED, "", "An answer.")),
        (cut("It begins"), (Status.INTERRUPTED, "reply.cut_off", "It begins")),
        (error_midway("It begins"), (Status.FAILED, "reply.failed", "It begins")),
        (error(401), (Status.FAILED, "endpoint.key_refused", "")),
    ],
    ids=["whole", "cut off", "error in the middle", "refused"],
)
def test_run_settles_the_row_as_the_endpoint_ended_it(
    stage: RunStage, ann: User, scenario: Scenario, expected: tuple[Status, str, str]
) -> None:
    turn = ask(ann)
    end = stage.watch(stage.start(turn, scenario))
    generation = row(turn)

    assert end.status == generation.status
    assert (generation.status, generation.error_code, generation.message.text) == expected
    assert generation.finished_at is not None
    assert (generation.first_token_ms is not None) == bool(generation.message.text)


def test_run_writes_the_request_and_its_figures_on_the_completion(stage: RunStage, ann: User) -> None:
    turn = ask(ann, "What is this?")
    stage.watch(stage.start(turn, say("An answer.")))
    completion = row(turn).completion

    assert (completion.prompt_tokens, completion.completion_tokens) == (100, 2)
    assert (str(completion.usd_spent), completion.inference_id) == ("0.00062500", "inf-1")
    assert completion.request[-1]["message_ids"] == [turn.branch[-1].message_id]
    assert completion.parameters["max_tokens"] == stage.fake.calls[0].body["max_tokens"]
    assert "What is this?" not in str(completion.request)


def test_run_keeps_a_limit_of_tokens_that_the_turn_has(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    settings = replace(turn.settings, parameters=Parameters.from_json({"max_completion_tokens": 7}))
    stage.watch(stage.start(replace(turn, settings=settings), say("An answer.")))

    assert row(turn).completion.parameters == {"max_completion_tokens": 7, **STREAMING}
    assert "max_tokens" not in stage.fake.calls[0].body


def test_run_settles_a_reply_that_meets_a_bug_as_failed(
    stage: RunStage, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann)
    broken = replace(turn.settings, parameters=cast(Parameters, None))
    end = stage.watch(stage.start(replace(turn, settings=broken)))

    assert end.status == Status.FAILED
    assert (row(turn).error_code, row(turn).error_detail[:14]) == ("chat.error", "AttributeError")
    assert "failed" in caplog.text


def test_run_replaces_characters_that_no_database_holds(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, say("A NUL: \0.")))

    assert Message.objects.get(pk=turn.reply.pk).text == "A NUL: \ufffd."


def test_run_says_in_the_footer_how_it_ended(stage: RunStage, ann: User) -> None:
    end = stage.watch(stage.start(ask(ann), error(401)))

    assert "reply-error" in end.html


def test_run_keeps_an_answer_that_consists_of_calls_of_tools(stage: RunStage, ann: User) -> None:
    call = {"index": 0, "id": "call_1", "function": {"name": "get\0weather", "arguments": '{"city": "Oslo"}'}}
    end = stage.watch(stage.start(ask(ann), frames_of(chunk(tool_calls=[call]), chunk(0, "tool_calls"))))
    generation = Generation.objects.get()

    assert (generation.status, generation.message.text) == (Status.COMPLETED, "")
    name = "get\ufffdweather"
    assert generation.tool_calls == [{"id": "call_1", "name": name, "arguments": '{"city": "Oslo"}'}]
    assert "The model wants to call" in end.html
