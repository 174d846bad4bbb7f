import math
from dataclasses import fields
from typing import Any

import jsonschema
import pytest

from tests.support.parameters import ALLOWED
from tests.support.schema import MODEL_NAME, SCHEMA
from vision_chat.errors.base import ParameterError
from vision_chat.services.completions._requests import MAX_CHARACTERS, max_characters, values_of
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import NOT_SENT, Parameters

REFUSED: dict[str, list[Any]] = {
    "max_tokens": [0, -1, 1.5, "9", True],
    "max_completion_tokens": [0],
    "temperature": [-0.1, 2.1, math.nan, math.inf, -(10**400), "hot", True],
    "top_p": [0, 1.01],
    "top_k": ["many", math.inf, 10**400],
    "min_p": [0, 1],
    "repetition_penalty": ["high", math.nan],
    "presence_penalty": [-2.1, 2.1],
    "frequency_penalty": [-2.1, 2.1],
    "seed": [0, 1.5],
    "stop": [("a", "b", "c", "d", "e"), (), (1,), 7],
    "n": [0, 5],
    "logprobs": [1],
    "top_logprobs": [-1, 21],
    "echo": ["yes"],
    "logit_bias": [{"1": 101}, {1: 5}, "all", {"1": None}, {"1": 10**400}],
    "response_format": [
        {"type": "xml"},
        {"type": "json_schema"},
        {"type": "json_schema", "json_schema": {}},
        "text",
    ],
    "tools": ["look", ("look",)],
    "tool_choice": ["always", 1],
    "prediction": [{"type": "content"}, "x"],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}={value}"[:60])
        for name, values in table.items()
        for value in values
    ]


@pytest.mark.parametrize(("name", "value"), cases(ALLOWED))
def test_an_allowed_value_is_taken_and_fits_the_schema(name: str, value: Any) -> None:
    sent = Parameters(**{name: value}).to_json()
    assert sent == {name: list(value) if isinstance(value, tuple) else value}
    jsonschema.validate({"model": MODEL_NAME, "messages": [], **sent}, SCHEMA)


@pytest.mark.parametrize(("name", "value"), cases(REFUSED))
def test_a_value_out_of_range_is_refused_by_name_and_range(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        Parameters(**{name: value})
    assert caught.value.params["name"] == name
    assert str(caught.value).startswith(f"{name} must be ")


def test_the_error_says_the_range() -> None:
    with pytest.raises(ParameterError, match="temperature must be a number from 0 to 2"):
        Parameters(temperature=3)
    with pytest.raises(ParameterError, match="top_logprobs must be a whole number from 0 to 20"):
        Parameters(top_logprobs=21)


def test_the_error_is_translated_as_a_whole_sentence() -> None:
    with pytest.raises(ParameterError) as caught:
        Parameters(top_p=0)
    assert caught.value.message == "%(name)s must be a number from %(low)s to %(high)s."
    assert caught.value.params == {"name": "top_p", "low": 0.01, "high": 1}


def test_every_parameter_has_cases() -> None:
    names = {parameter.name for parameter in fields(Parameters)}
    assert names == set(ALLOWED) == set(REFUSED)


def test_every_parameter_of_the_schema_is_there() -> None:
    ours = {"model", "messages", "stream", "stream_options"}  # the client's own
    assert set(SCHEMA["properties"]) - ours <= {parameter.name for parameter in fields(Parameters)}


def test_unset_parameters_are_left_out() -> None:
    assert Parameters().to_json() == {}


def test_stored_parameters_come_back_the_same() -> None:
    parameters = Parameters(temperature=0.5, stop=("a", "b"), seed=7)
    assert Parameters.from_json(parameters.to_json()).to_json() == parameters.to_json()


def test_a_stored_name_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(ParameterError, match="There is no parameter temprature"):
        Parameters.from_json({"temprature": 1})


def test_a_limit_of_tokens_that_is_not_sent_is_stored_as_null() -> None:
    parameters = Parameters.from_json({"max_tokens": None, "seed": 7})

    assert parameters.max_tokens is NOT_SENT
    assert parameters.to_json() == {"max_tokens": None, "seed": 7}
    assert values_of(Endpoint(base_url="http://host/v1", model_name="m"), parameters) == {"seed": 7}
    assert max_characters({"seed": 7}) == MAX_CHARACTERS
