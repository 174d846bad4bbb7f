"""How sure a model was, as people see it."""

import math
from typing import Any

import pytest

from vision_chat.models.generation import TOO_MANY_LOGPROBS
from vision_chat.services.presentation.how_sure import MAX_TOKENS, HowSureView


def view(*entries: Any) -> HowSureView:
    found = HowSureView.of(list(entries))
    assert found is not None
    return found


def entry(token: str, probability: float, **others: float) -> list[Any]:
    return [token, math.log(probability), [[other, math.log(number)] for other, number in others.items()]]


@pytest.mark.parametrize(
    ("probability", "level"), [(0.95, 4), (0.9001, 4), (0.75, 3), (0.5, 2), (0.2, 1), (0.01, 0)]
)
def test_a_token_has_a_level(probability: float, level: int) -> None:
    assert view(entry("Oslo", probability)).tokens[0].level == level


def test_a_token_says_what_could_have_stood_there() -> None:
    (token,) = view(entry("Oslo", 0.8, Oslo=0.8, Bergen=0.1)).tokens
    assert token.detail == "“Oslo” 80.0%. Instead: “Bergen” 10.0%."
    assert view(["Oslo", None, []]).tokens[0].detail == "“Oslo”"
    assert view(entry("\n", 1e-9)).tokens[0].detail == "“⏎” less than 0.1%"
    assert view(entry("\n", 1)).tokens[0].text == "⏎\n"


def test_the_summary_counts() -> None:
    assert view(entry("a", 0.9)).summary == "1 token."
    assert (
        view(entry("a", 0.9), entry("b", 0.4)).summary == "2 tokens. The model was less than 50% sure of 1."
    )
    many = view(*[entry("a", 0.9)] * (MAX_TOKENS + 1))
    assert len(many.tokens) == MAX_TOKENS
    assert "The first 10,000 are shown." in many.summary


def test_none_are_no_view_and_too_many_are_told() -> None:
    assert HowSureView.of([]) is None
    dropped = view(TOO_MANY_LOGPROBS)
    assert dropped.tokens == []
    assert "not kept" in dropped.summary
