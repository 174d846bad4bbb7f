"""What endpoints say when they refuse, and what it means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import AMENDABLE, BAD_IMAGES, CAUSES, Refusal
from vision_chat.errors.completions import CompletionError
from vision_chat.services.completions._provider_errors import (
    SentRequest,
    error_from_event,
    error_from_response,
)
from vision_chat.services.completions.habits import Habits, habits_in
from vision_chat.services.vision.request_rules import RequestRules


@pytest.mark.parametrize("refusal", AMENDABLE, ids=str)
def test_a_refusal_shows_the_habit_of_its_endpoint(refusal: Refusal) -> None:
    error = error_from_response(refusal.status, {}, refusal.raw, SentRequest("some/model"))
    found = habits_in(error.words)

    assert {(str(habit.kind), habit.value) for habit in found} == set(refusal.habits)
    assert type(error) is refusal.cause


@pytest.mark.parametrize("refusal", [*BAD_IMAGES, *CAUSES], ids=str)
def test_a_refusal_that_cannot_be_amended_has_its_cause(refusal: Refusal) -> None:
    error = error_from_response(refusal.status, {}, refusal.raw, SentRequest("some/model"))

    assert type(error) is refusal.cause
    assert habits_in(error.words) == ()


def test_an_error_within_a_stream_keeps_the_words_for_its_habit() -> None:
    error = error_from_event(
        {"error": {"message": "At most 1 image(s) may be provided.", "code": 400}}, SentRequest()
    )

    assert error is not None
    assert [habit.value for habit in habits_in(error.words)] == ["1"]


PHRASES = st.sampled_from([json.loads(refusal.raw) for refusal in AMENDABLE]) | st.text() | st.integers()
BODIES = st.recursive(
    PHRASES,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(("error", "message", "x")), inner),
)


@given(status=st.integers(300, 599), body=BODIES)
def test_whatever_is_refused_has_a_cause_and_never_widens_a_request(status: int, body: Any) -> None:
    error = error_from_response(status, {}, json.dumps(body).encode(), SentRequest("m"))
    habits = Habits(habits_in(error.words))
    rules, sent = RequestRules(), {"max_tokens": 4096, "seed": 1, "stream": True, "stream_options": {}}
    narrowed, fields = habits.rules(rules), habits.fields(sent)

    assert isinstance(error, CompletionError)
    assert narrowed.context_tokens <= rules.context_tokens
    assert narrowed.max_output_tokens <= rules.max_output_tokens
    assert narrowed.max_images <= rules.max_images
    assert fields.keys() <= sent.keys() | {"max_completion_tokens"}


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 5000])
def test_a_number_that_no_limit_has_is_none(digits: str) -> None:
    assert habits_in(f"This model's maximum context length is {digits} tokens.") == ()


@pytest.mark.parametrize("field", ["input", "messages", "ctx"])
def test_what_a_refusal_quotes_in_a_field_of_its_own_means_nothing(field: str) -> None:
    quoted = "At most 1 image(s) may be provided. You have run out of credits."
    body = {"detail": [{"loc": ["body"], "msg": "Wrong", field: quoted}]}
    error = error_from_response(400, {}, json.dumps(body).encode(), SentRequest())

    assert error.code == "endpoint.refused"
    assert habits_in(error.words) == ()
