"""What is counted and logged of a reply, by the real task that writes it."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.support.choice_scenarios import several
from tests.support.fake_scenarios import error, say
from tests.support.metrics import Noted, noted
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Completion, Generation
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.metrics import measured
from vision_chat.services.replies.turn import Turn


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


@pytest.fixture
def seen() -> Iterator[Noted]:
    with noted(*measured.ALL) as seen:
        yield seen


def model_of(turn: Turn) -> str:
    return turn.generation.completion.model_name


def test_a_reply_is_counted_at_its_beginning_and_its_end(stage: RunStage, ann: User, seen: Noted) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, say("An answer.")))
    model = model_of(turn)
    completion = Completion.objects.get()

    assert seen.of(measured.REPLIES_STARTED) == {(model,): 1}
    assert seen.of(measured.REPLIES_ENDED) == {(model, "completed"): 1}
    assert seen.of(measured.REPLY_ERRORS) == {}
    assert seen.of(measured.FIRST_TOKEN).keys() == {(model,)}
    assert seen.of(measured.REPLY_DURATION).keys() == {(model,)}
    assert seen.of(measured.TOKENS) == {
        (model, "prompt"): completion.prompt_tokens,
        (model, "completion"): completion.completion_tokens,
    }
    assert seen.of(measured.COST) == {(model,): pytest.approx(float(completion.usd_spent or 0))}


def test_a_reply_that_fails_is_counted_with_its_error(stage: RunStage, ann: User, seen: Noted) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, error(401)))

    assert seen.of(measured.REPLIES_ENDED) == {(model_of(turn), "failed"): 1}
    assert seen.of(measured.REPLY_ERRORS) == {("endpoint.key_refused",): 1}
    assert seen.of(measured.FIRST_TOKEN) == {}


def test_a_call_that_is_sent_again_is_counted_and_its_reply_once(
    stage: RunStage, ann: User, seen: Noted
) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, error(503), say("An answer.")))

    assert sum(seen.of(measured.RETRIES).values()) == 1
    assert seen.of(measured.REPLIES_ENDED) == {(model_of(turn), "completed"): 1}


def test_several_answers_of_a_call_are_replies_whose_tokens_count_once(
    stage: RunStage, ann: User, seen: Noted
) -> None:
    turn = ask(ann)
    turn = replace(turn, settings=replace(turn.settings, parameters=Parameters(n=2)))
    stage.watch(stage.start(turn, several("One.", "Two.")))
    stage.until(lambda: sum(seen.of(measured.REPLIES_ENDED).values()) == 2)
    completion = Completion.objects.get()

    assert seen.of(measured.REPLIES_STARTED) == {(model_of(turn),): 2}
    assert sum(seen.of(measured.TOKENS).values()) == (completion.prompt_tokens or 0) + (
        completion.completion_tokens or 0
    )


def test_the_end_is_logged_with_numbers_alone(
    stage: RunStage, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann, "What is the secret plan?")
    with caplog.at_level(logging.INFO, "vision_chat.services.replies._measures"):
        stage.watch(stage.start(turn, say("An answer.")))
    (record,) = [each for each in caplog.records if each.name.endswith("_measures")]
    facts = record.__dict__["facts"]

    assert record.getMessage() == f"Reply {turn.reply.pk} is completed"
    assert facts["generation_id"] == turn.generation.pk
    assert (facts["status"], facts["error"], facts["model"]) == ("completed", None, model_of(turn))
    assert facts["first_token_ms"] <= facts["duration_ms"]


def test_a_reply_that_ends_while_it_waits_for_a_place_is_counted_and_logged(
    stage: RunStage, ann: User, seen: Noted, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann)
    Generation.objects.update(boot_id=NO_PROCESS)
    with caplog.at_level(logging.INFO, "vision_chat.services.replies._measures"):
        stage.run(stage.runner.line.end(turn.reply.pk, Status.FAILED, ModelNotUsableError()))

    assert seen.of(measured.REPLIES_ENDED) == {(model_of(turn), "failed"): 1}
    assert seen.of(measured.REPLY_ERRORS) == {("turn.model_not_usable",): 1}
    assert caplog.messages == [f"Reply {turn.reply.pk} is failed"]
