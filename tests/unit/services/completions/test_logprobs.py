"""Log probabilities, in the forms that endpoints send."""

from typing import Any

import pytest

from tests.support.choice_scenarios import chunk
from vision_chat.services.completions._logprobs import MAX_BYTES, Logprobs
from vision_chat.services.completions.chunks import ReplyReader


def entries(*values: Any) -> list[Any]:
    logprobs = Logprobs()
    for value in values:
        logprobs.add(value)
    return logprobs.to_json()


def openai(token: str, logprob: Any, **others: float) -> dict[str, Any]:
    top = [{"token": other, "logprob": number, "bytes": None} for other, number in others.items()]
    return {"content": [{"token": token, "logprob": logprob, "bytes": [1], "top_logprobs": top}]}


def test_tokens_come_with_their_alternatives() -> None:
    found = entries(openai("Os", -0.1, Os=-0.1, Ber=-2.5), openai("lo", -0.00000123))
    assert found == [["Os", -0.1, [["Os", -0.1], ["Ber", -2.5]]], ["lo", -0.0, []]]


def test_the_older_form_has_two_lists() -> None:
    assert entries({"tokens": ["Os", "lo"], "token_logprobs": [-0.1, None]}) == [
        ["Os", -0.1, []],
        ["lo", None, []],
    ]


@pytest.mark.parametrize(
    "strange",
    [
        None,
        7,
        [],
        {"content": None},
        {"content": [None, {"token": 7}]},
        {"content": {}},
        {"tokens": 1, "token_logprobs": []},
    ],
)
def test_what_is_none_is_left_out(strange: Any) -> None:
    assert entries(strange) == []


@pytest.mark.parametrize("number", [float("nan"), float("-inf"), -(10**400), "much", True, None])
def test_a_number_that_is_none_is_not_known(number: Any) -> None:
    assert entries(openai("Os", number)) == [["Os", None, []]]


def test_too_many_are_not_kept() -> None:
    logprobs = Logprobs()
    for _ in range(3):
        logprobs.add(openai("x" * (MAX_BYTES // 2), -1))
    assert logprobs.are_too_many
    assert logprobs.to_json() == []


def test_a_reply_has_those_of_its_own_choice() -> None:
    reader = ReplyReader(count=2)
    one, other = openai("One", -1), openai("Other", -2)
    data = chunk(0, content="One", logprobs=one) + chunk(1, content="Other", logprobs=other)
    list(reader.feed(data))
    assert [list(reader.end(index).logprobs) for index in (0, 1)] == [
        [["One", -1.0, []]],
        [["Other", -2.0, []]],
    ]
