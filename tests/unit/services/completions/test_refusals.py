"""What endpoints say when they refuse, and what it means."""

import pytest

from tests.support.refusals import AMENDABLE, CAUSES, Refusal
from vision_chat.services.completions._provider_errors import error_from_event, error_from_response
from vision_chat.services.completions.habits import habits_in


@pytest.mark.parametrize("refusal", AMENDABLE, ids=str)
def test_a_refusal_shows_the_habit_of_its_endpoint(refusal: Refusal) -> None:
    error = error_from_response(refusal.status, {}, refusal.raw, model_name="some/model")
    found = habits_in(error.words)

    assert {(str(habit.kind), habit.value) for habit in found} == set(refusal.habits)
    assert type(error) is refusal.cause


@pytest.mark.parametrize("refusal", CAUSES, ids=str)
def test_a_refusal_that_cannot_be_amended_has_its_cause(refusal: Refusal) -> None:
    error = error_from_response(refusal.status, {}, refusal.raw, model_name="some/model")

    assert type(error) is refusal.cause
    assert habits_in(error.words) == ()


def test_an_error_within_a_stream_keeps_the_words_for_its_habit() -> None:
    error = error_from_event({"error": {"message": "At most 1 image(s) may be provided.", "code": 400}})

    assert error is not None
    assert [habit.value for habit in habits_in(error.words)] == ["1"]
