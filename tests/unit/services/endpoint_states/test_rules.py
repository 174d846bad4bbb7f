"""The breaker and the pauses as rules, example by example and at random."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    ConnectTimeoutError,
    CreditsError,
    DisconnectedError,
    EndpointFailedError,
    FirstTokenTimeoutError,
    ImageRefusedError,
    KeyRefusedError,
    ModelLoadingError,
    NoImagesError,
    OverloadedError,
    QuotaError,
    RateLimitedError,
    ReplyEmptyError,
    RequestRefusedError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.errors.turns import PromptTooLongError
from vision_chat.services.endpoint_states import rules
from vision_chat.services.endpoint_states.rules import (
    FIRST_OPEN,
    LONGEST_OPEN,
    OPENS_AT,
    PROBE,
    WELL,
    Signal,
    State,
    Verdict,
    answered,
    decide,
    failed,
    rate_limited,
    released,
    signal_of,
)

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failed_often(times: int, state: State = WELL, now: datetime = NOW) -> State:
    for _ in range(times):
        state = failed(state, now)
    return state


def opened() -> State:
    return failed_often(OPENS_AT)


def verdict(state: State, now: datetime) -> Verdict:
    return decide(state, now).verdict


@pytest.mark.parametrize(
    ("error", "signal"),
    [
        (UnreachableError(), Signal.FAILURE),
        (UnknownHostError(), Signal.FAILURE),
        (ConnectTimeoutError(seconds=10), Signal.FAILURE),
        (FirstTokenTimeoutError(seconds=120), Signal.FAILURE),
        (DisconnectedError(), Signal.FAILURE),
        (EndpointFailedError(), Signal.FAILURE),
        (OverloadedError(), Signal.FAILURE),
        (RateLimitedError(), Signal.TOO_MANY),
        (ModelLoadingError(), Signal.ANSWER),
        (RequestRefusedError(), Signal.ANSWER),
        (ImageRefusedError(), Signal.ANSWER),
        (NoImagesError(model_name="m"), Signal.ANSWER),
        (KeyRefusedError(), Signal.ANSWER),
        (CreditsError(), Signal.ANSWER),
        (QuotaError(), Signal.ANSWER),
        (ReplyEmptyError(), Signal.ANSWER),
        (None, Signal.ANSWER),
        (UntrustedError(), Signal.NOTHING),
        (PromptTooLongError(), Signal.NOTHING),
        (ChatError(), Signal.NOTHING),
        (RuntimeError(), Signal.NOTHING),
    ],
)
def test_only_what_is_no_fault_of_the_request_says_that_an_endpoint_is_away(
    error: BaseException | None, signal: Signal
) -> None:
    assert signal_of(error) is signal


def test_failures_in_a_row_open_the_breaker() -> None:
    assert verdict(failed_often(OPENS_AT - 1), NOW) is Verdict.GO
    assert verdict(opened(), NOW) is Verdict.AWAY
    assert decide(opened(), NOW).until == NOW + FIRST_OPEN


def test_an_answer_between_failures_begins_the_row_anew() -> None:
    state = failed(answered(failed_often(OPENS_AT - 1), NOW), NOW)
    assert state.failures == 1


def test_failures_of_long_ago_are_none_in_a_row() -> None:
    state = failed(failed_often(OPENS_AT - 1), NOW + rules.FORGOTTEN_AFTER + SECOND)
    assert state.failures == 1


def test_failures_of_requests_from_before_it_opened_do_not_keep_the_breaker_open_longer() -> None:
    assert failed_often(50, opened(), NOW + SECOND) == opened()


def test_one_request_goes_first_once_the_time_is_over_and_the_others_wait_for_it() -> None:
    decision = decide(opened(), NOW + FIRST_OPEN)
    assert decision.verdict is Verdict.PROBE
    assert verdict(decision.state, NOW + FIRST_OPEN) is Verdict.PROBED
    assert verdict(released(decision.state), NOW + FIRST_OPEN) is Verdict.PROBE
    assert verdict(decision.state, NOW + FIRST_OPEN + PROBE) is Verdict.PROBE


def test_any_answer_closes_the_breaker() -> None:
    assert answered(decide(opened(), NOW + FIRST_OPEN).state, NOW + FIRST_OPEN) == WELL
    assert answered(opened(), NOW) == WELL


def test_each_probe_that_fails_opens_the_breaker_for_twice_as_long_up_to_a_limit() -> None:
    state, now, spans = opened(), NOW, list[timedelta]()
    for _ in range(8):
        assert state.open_until is not None
        spans.append(state.open_until - now)
        now = state.open_until
        state = failed(decide(state, now).state, now)

    assert spans[:5] == [FIRST_OPEN * 2**power for power in range(5)]
    assert spans[-1] == LONGEST_OPEN


def test_after_a_pause_requests_start_one_by_one_and_each_answer_halves_the_gap() -> None:
    state = rate_limited(WELL, NOW, 20)
    assert decide(state, NOW).until == NOW + 20 * SECOND

    now, starts = NOW + 20 * SECOND, list[datetime]()
    while state != WELL:
        decision = decide(state, now)
        if decision.verdict is Verdict.WAIT:
            assert decision.until is not None
            now = decision.until
            continue
        starts.append(now)
        state = answered(decision.state, now)
    gaps = [(after - before) / SECOND for before, after in pairwise(starts)]

    assert gaps == [1, 0.5, 0.25]
    assert verdict(state, now) is Verdict.GO


def test_of_requests_at_once_one_starts_and_the_next_after_the_gap() -> None:
    now = NOW + 20 * SECOND
    first = decide(rate_limited(WELL, NOW, 20), now)
    assert first.verdict is Verdict.GO
    assert decide(first.state, now).until == now + SECOND


def test_many_refusals_of_one_moment_are_one_pause() -> None:
    state = rate_limited(WELL, NOW, None)
    for _ in range(30):
        state = rate_limited(state, NOW, None)
    assert state == rate_limited(WELL, NOW, None)
    assert rate_limited(state, NOW, 30).paused_until == NOW + 30 * SECOND
    assert rate_limited(rate_limited(WELL, NOW, 30), NOW, 3).paused_until == NOW + 30 * SECOND


def test_pauses_that_nobody_asked_for_double_up_to_a_limit() -> None:
    state, now, spans = WELL, NOW, list[float]()
    for _ in range(8):
        state = rate_limited(state, now, None)
        assert state.paused_until is not None
        spans.append((state.paused_until - now) / SECOND)
        now = state.paused_until
    assert spans == [2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 1), (0.02, 1), (40, 40), (1e12, 600)])
def test_what_is_asked_for_holds_within_limits(asked: float, seconds: float) -> None:
    assert rate_limited(WELL, NOW, asked).paused_until == NOW + seconds * SECOND


def test_an_answer_to_a_request_from_before_a_pause_does_not_end_it() -> None:
    state = rate_limited(WELL, NOW, 20)
    assert answered(state, NOW + SECOND) == state


def test_a_pause_shows_that_an_endpoint_is_not_away() -> None:
    assert not rate_limited(opened(), NOW, 5).is_open


@dataclass(frozen=True)
class Event:
    name: str
    happen: Callable[[State, datetime], State]


EVENTS = [
    Event("answer", answered),
    Event("failure", failed),
    Event("429", lambda state, now: rate_limited(state, now, None)),
    Event("429 with a time", lambda state, now: rate_limited(state, now, 30)),
    Event("request", lambda state, now: decide(state, now).state),
    Event("given up", lambda state, _now: released(state)),
]


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0, 700)), max_size=60))
def test_whatever_happens_an_endpoint_is_asked_again_in_time_and_answers_make_it_well(
    history: list[tuple[Event, float]],
) -> None:
    state, now = WELL, NOW
    in_a_row = 0
    for event, seconds in history:
        now += timedelta(seconds=seconds)
        in_a_row = 0 if event.name.startswith(("answer", "429")) else in_a_row + (event.name == "failure")
        state = event.happen(state, now)
        decision = decide(state, now)
        if decision.verdict in (Verdict.AWAY, Verdict.PROBED):
            assert in_a_row >= OPENS_AT
        if decision.until is not None:
            assert now < decision.until <= now + max(LONGEST_OPEN, rules.MOST_ASKED, PROBE)
            assert decision.state == state

    # nobody keeps it from being asked for longer than that
    later = now + rules.MOST_ASKED
    assert verdict(replace(state), later) in (Verdict.GO, Verdict.PROBE)
    for _ in range(10):
        state = answered(decide(state, later).state, later)
        later += 10 * SECOND
    assert state == WELL
