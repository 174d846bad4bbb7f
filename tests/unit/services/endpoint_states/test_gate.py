"""Replies whose endpoint is paused or away wait, are refused, or go on, and others go on beside them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.support.endpoint_time import let_pass
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.fake_scenarios import disconnect, error, hang, say, step
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.models import EndpointState, Generation
from vision_chat.models.generation import Status
from vision_chat.services.endpoint_states.gate import PATIENCE_SECONDS, PROBE_PATIENCE_SECONDS
from vision_chat.services.endpoint_states.rules import OPENS_AT
from vision_chat.services.endpoint_states.states import EndpointStates
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import Turn

SLOW_DOWN = error(429, headers={"Retry-After": "20"})
NOTE = "The provider asks us to slow down. Going on in about 20 s."


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def pass_by(stage: RunStage, seconds: float) -> None:
    let_pass(seconds)
    stage.skip(max(seconds, 1.1))


def error_of(turn: Turn) -> tuple[str, str]:
    generation = Generation.objects.get(pk=turn.generation.pk)
    return generation.error_code, generation.error_detail


def open_breaker(stage: RunStage, person: User) -> None:
    for _ in range(OPENS_AT):
        stage.watch(stage.start(ask(person), disconnect()))


def test_a_reply_waits_while_its_endpoint_is_paused_and_goes_on(stage: RunStage, ann: User) -> None:
    live = stage.start(ask(ann), SLOW_DOWN, step("Here it is."))
    stage.until(lambda: bool(live.shown_note))
    assert live.shown_note == NOTE
    pass_by(stage, 21)
    stage.next_call()
    call = stage.next_call()
    call.release(10)

    assert stage.watch(live).status == "completed"


def test_replies_that_come_during_a_pause_are_not_sent_before_its_end(stage: RunStage, ann: User) -> None:
    first = stage.start(ask(ann), SLOW_DOWN)
    stage.until(lambda: bool(first.shown_note))
    second = stage.start(ask(ann))
    stage.until(lambda: bool(second.shown_note))
    assert len(stage.fake.calls) == 1

    pass_by(stage, 21)
    assert [stage.watch(live).status for live in (first, second)] == ["completed", "completed"]
    assert len(stage.fake.calls) == 3


def test_replies_of_another_endpoint_are_not_touched(stage: RunStage, ann: User) -> None:
    live = stage.start(ask(ann), SLOW_DOWN)
    stage.until(lambda: bool(live.shown_note))
    other = FakeEndpoint()
    stage.run(other.__aenter__())
    here, stage.fake = stage.fake, other
    assert stage.watch(stage.start(ask(ann), say("At once."))).status == "completed"
    stage.fake = here
    stage.run(other.__aexit__(None, None, None))
    assert live.shown_note


def test_a_pause_longer_than_the_patience_is_the_error_of_the_endpoint(stage: RunStage, ann: User) -> None:
    turn, later = ask(ann), ask(ann)
    planned = error(429, headers={"Retry-After": str(PATIENCE_SECONDS + 30)})
    assert stage.watch(stage.start(turn, planned)).status == "failed"
    assert error_of(turn) == (
        "endpoint.rate_limited",
        "HTTP 429: Scripted failure (scripted) [request inf-1]",
    )

    assert stage.watch(stage.start(later)).status == "failed"
    assert error_of(later)[0] == "endpoint.rate_limited"
    assert "asked for a pause" in error_of(later)[1]
    assert len(stage.fake.calls) == 1


def test_a_reply_whose_patience_is_used_up_by_several_pauses_fails(stage: RunStage, ann: User) -> None:
    stage.fake.default = error(429, headers={"Retry-After": "40"})
    turn = ask(ann)
    live = stage.start(turn)
    for count in (1, 2):
        stage.until(EndpointState.objects.filter(pauses=count).exists)
        stage.now(live.note, "")
        stage.until(lambda: bool(live.shown_note))  # so it waits by now
        pass_by(stage, 41)
    assert stage.watch(live).status == "failed"
    assert len(stage.fake.calls) == 3


def test_no_credit_is_no_reason_to_wait(stage: RunStage, ann: User) -> None:
    quota = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
    turn = ask(ann)
    assert stage.watch(stage.start(turn, error(429, quota, {"Retry-After": "5"}))).status == "failed"
    assert error_of(turn)[0] == "endpoint.credits"
    assert not EndpointState.objects.exists()


def test_a_reply_that_waits_can_be_stopped(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    live = stage.start(turn, SLOW_DOWN)
    stage.until(lambda: bool(live.shown_note))
    stage.now(stage.runner.stop, turn.reply.pk)
    assert stage.watch(live).status == "stopped"


def test_while_the_breaker_is_open_nothing_is_sent_and_the_reply_says_when_it_is_tried_again(
    stage: RunStage, ann: User
) -> None:
    open_breaker(stage, ann)
    turn = ask(ann)
    end = stage.watch(stage.start(turn))

    assert end.status == "failed"
    assert "It is tried again in about 10 s." in end.html
    assert "Retry" in end.html
    assert len(stage.fake.calls) == OPENS_AT
    assert error_of(turn)[0] == "endpoint.away"


def test_after_it_one_request_goes_first_and_the_others_wait_for_its_answer(
    stage: RunStage, ann: User
) -> None:
    open_breaker(stage, ann)
    pass_by(stage, 11)
    probe = stage.start(ask(ann), step("It is back."))
    for _ in range(OPENS_AT + 1):
        call = stage.next_call()
    others = [stage.start(ask(ann)) for _ in range(2)]
    stage.now(lambda: None)
    assert len(stage.fake.calls) == OPENS_AT + 1
    call.release(10)

    assert [stage.watch(live).status for live in (probe, *others)] == ["completed"] * 3
    assert stage.watch(stage.start(ask(ann))).status == "completed"


def test_others_do_not_wait_long_for_a_probe(stage: RunStage, ann: User) -> None:
    open_breaker(stage, ann)
    pass_by(stage, 11)
    stage.start(ask(ann), hang())
    for _ in range(OPENS_AT + 1):
        stage.next_call()
    turn = ask(ann)
    other = stage.start(turn)
    for _ in range(int(PROBE_PATIENCE_SECONDS) + 1):
        stage.until(lambda: True)
        stage.skip(1.1)

    assert stage.watch(other).status == "failed"
    assert error_of(turn)[0] == "endpoint.away"


def test_a_probe_that_is_stopped_lets_the_next_go_first(stage: RunStage, ann: User) -> None:
    open_breaker(stage, ann)
    pass_by(stage, 11)
    turn = ask(ann)
    probe = stage.start(turn, hang())
    for _ in range(OPENS_AT + 1):
        stage.next_call()
    stage.now(stage.runner.stop, turn.reply.pk)
    assert stage.watch(probe).status == "stopped"
    assert stage.watch(stage.start(ask(ann))).status == "completed"


@pytest.mark.parametrize("planned", [error(400), error(401), error(404)], ids=["400", "key", "model"])
def test_faults_of_requests_never_open_the_breaker(stage: RunStage, ann: User, planned: object) -> None:
    stage.fake.default = planned  # type: ignore[assignment]
    for _ in range(OPENS_AT + 1):
        assert stage.watch(stage.start(ask(ann))).status == "failed"
    assert len(stage.fake.calls) == OPENS_AT + 1
    assert not EndpointState.objects.exists()


def test_an_answer_ends_the_row_of_failures(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, error(500), error(500), error(500)))
    assert EndpointState.objects.get().failures == 1
    stage.watch(stage.start(ask(ann), say("Well again.")))
    assert EndpointState.objects.get().failures == 0
    assert Generation.objects.filter(status=Status.COMPLETED).count() == 1


def second_runner(stage: RunStage) -> Runner:
    """Another process, which shares the database."""
    parts = stage.runner.dependencies
    states = EndpointStates(parts.writer, parts.writer, is_shared=True)
    runner = Runner(replace(parts, states=states))
    runner.boot_id = stage.runner.boot_id  # under which tests write the rows of turns
    return runner


@pytest.mark.each_database
def test_a_pause_and_a_breaker_of_one_process_are_those_of_another(stage: RunStage, ann: User) -> None:
    one, other = stage.runner, second_runner(stage)
    waiting = stage.start(ask(ann), SLOW_DOWN)
    stage.until(lambda: bool(waiting.shown_note))
    stage.runner = other
    behind = stage.start(ask(ann))
    stage.until(lambda: bool(behind.shown_note))
    assert (behind.shown_note, len(stage.fake.calls)) == (NOTE, 1)

    pass_by(stage, 21)
    assert [stage.watch(live).status for live in (waiting, behind)] == ["completed", "completed"]
    stage.runner = one
    for _ in range(OPENS_AT):
        stage.watch(stage.start(ask(ann), disconnect()))
    stage.skip(1.1)
    stage.runner = other
    turn = ask(ann)
    assert stage.watch(stage.start(turn)).status == "failed"
    assert error_of(turn)[0] == "endpoint.away"
    stage.run(other.drain(0))
    stage.runner = one
