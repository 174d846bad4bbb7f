import pytest

from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    EndpointFailedError,
    KeyRefusedError,
    ModelLoadingError,
    RateLimitedError,
    RequestRefusedError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.completions.retries import Retries, loading_pause

RETRIES = Retries(attempts=10, first_pause=1, longest_pause=8, longest_retry_after=20)


def failure(retry_after: float | None = None) -> CompletionError:
    error = EndpointFailedError()
    error.retry_after = retry_after
    return error


def test_pauses_grow_to_a_limit() -> None:
    pauses = [RETRIES.pause(attempt, failure(), 1.0) for attempt in range(1, 7)]
    assert pauses == [1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0)])
def test_pauses_are_spread(jitter: float, pause: float) -> None:
    assert RETRIES.pause(3, failure(), jitter) == pause


@pytest.mark.parametrize(("asked", "pause"), [(0, 0), (20, 20), (21, None)])
def test_the_endpoints_own_pause_holds_up_to_a_limit(asked: float, pause: float | None) -> None:
    assert RETRIES.pause(1, failure(asked), 0.5) == pause


def test_attempts_end() -> None:
    assert Retries(attempts=2).pause(1, failure(), 0.5) is not None
    assert Retries(attempts=2).pause(2, failure(), 0.5) is None


@pytest.mark.parametrize("kind", [UnreachableError, UnknownHostError, EndpointFailedError])
def test_a_failure_that_may_pass_is_tried_again(kind: type[CompletionError]) -> None:
    assert RETRIES.pause(1, kind(), 0.5) is not None


@pytest.mark.parametrize(
    "kind",
    [UntrustedError, DisconnectedError, KeyRefusedError, RequestRefusedError, RateLimitedError],
)
def test_what_will_not_pass_may_have_run_or_is_too_much_is_not_tried_again(
    kind: type[CompletionError],
) -> None:
    assert RETRIES.pause(1, kind(), 0.5) is None


def test_a_timeout_that_the_person_has_waited_for_is_not_tried_again() -> None:
    assert RETRIES.pause(1, ConnectTimeoutError(seconds=10), 0.5) is None


def test_a_model_that_loads_is_asked_for_at_growing_pauses_until_the_patience_ends() -> None:
    waited, pauses = 0.0, []
    while (pause := loading_pause(ModelLoadingError(), waited, patience=60)) is not None:
        pauses.append(pause)
        waited += pause

    assert pauses == sorted(pauses[:-1]) + pauses[-1:]
    assert (pauses[0], max(pauses), sum(pauses)) == (1, 10, 60)


def test_the_endpoints_own_estimate_lengthens_the_pause_up_to_a_limit() -> None:
    error = ModelLoadingError()
    error.retry_after = 4
    assert loading_pause(error, 0, patience=60) == 4
    error.retry_after = 400
    assert loading_pause(error, 0, patience=60) == 10


def test_a_model_that_loads_is_no_matter_for_a_common_retry() -> None:
    assert RETRIES.pause(1, ModelLoadingError(), 0.5) is None
