"""What lists of models tell of each: the names and units of several providers."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.completions.entries import MAX_TOKENS, Entry, entries_in


def entry(**row: Any) -> Entry:
    (found,) = entries_in(json.dumps({"data": [{"id": "some/model", **row}]}).encode())
    return found


AIMLAPI: dict[str, Any] = {
    "type": "openai/chat-completions",
    "aliases": ["model-alias"],
    "info": {"name": "Some Model", "contextLength": 131072, "outputMax": 4096},
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "pricing": {
        "units": [
            {"name": "input_tokens", "measure": "token", "price": 0.0000006, "per": 1},
            {"name": "output_tokens", "measure": "token", "price": 2.4, "per": 1000000},
            {"name": "cached_input_tokens", "measure": "token", "price": 9, "per": 1},
        ]
    },
}
OPENROUTER: dict[str, Any] = {
    "name": "Some Model",
    "context_length": 131072,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "pricing": {"prompt": "0.0000006", "completion": "0.0000024", "image": "0.001"},
    "top_provider": {"context_length": 8192, "max_completion_tokens": 4096},
}
TOGETHER: dict[str, Any] = {
    "type": "chat",
    "display_name": "Some Model",
    "context_length": 131072,
    "pricing": {"hourly": 0, "input": 0.6, "output": 2.4},
}
GROQ: dict[str, Any] = {"context_window": 131072, "max_completion_tokens": 4096}
VLLM: dict[str, Any] = {"max_model_len": 131072, "object": "model"}


@pytest.mark.parametrize("row", [AIMLAPI, OPENROUTER, TOGETHER, GROQ, VLLM])
def test_the_context_of_each_provider_is_found(row: dict[str, Any]) -> None:
    assert entry(**row).context_tokens == 131072


@pytest.mark.parametrize("row", [AIMLAPI, OPENROUTER, GROQ])
def test_the_longest_answer_is_found(row: dict[str, Any]) -> None:
    assert entry(**row).max_output_tokens == 4096


@pytest.mark.parametrize("row", [AIMLAPI, OPENROUTER, TOGETHER])
def test_prices_are_dollars_per_million_whatever_they_were_told_for(row: dict[str, Any]) -> None:
    found = entry(**row)

    assert (found.input_price, found.output_price) == (Decimal("0.6"), Decimal("2.4"))
    assert found.label == "Some Model"


def test_pictures_are_taken_refused_or_not_told() -> None:
    assert entry(**AIMLAPI).takes_images is True
    assert entry(**OPENROUTER).takes_images is True
    assert entry(modalities={"input": ["text"], "output": ["image"]}).takes_images is False
    assert entry(**GROQ).takes_images is None
    (by_name,) = entries_in(b'{"data": [{"id": "qwen2-vl-7b"}]}')
    assert by_name.takes_images is True


@pytest.mark.parametrize("kind", ["image", "embedding", "openai/images", "rerank", "audio", "moderation"])
def test_models_that_complete_no_chats_are_left_out(kind: str) -> None:
    assert entries_in(json.dumps({"data": [{"id": "a", "type": kind}]}).encode()) == ()


@pytest.mark.parametrize("value", [True, "131072", -1, 0, 1.5, None, MAX_TOKENS + 1, [1]])
def test_a_number_that_makes_no_sense_is_not_told(value: object) -> None:
    assert entry(context_length=value).context_tokens is None


@pytest.mark.parametrize("value", [True, "free", -1, "-1", "NaN", "Infinity", 10**9, "1e999999", None, {}])
def test_a_price_that_makes_no_sense_is_not_told(value: object) -> None:
    assert entry(pricing={"prompt": value, "units": [value]}).input_price is None
    unit = {"name": "input", "measure": "tokens", "price": value, "per": 1}
    assert entry(pricing={"units": [unit]}).input_price is None


@pytest.mark.parametrize("per", ["1e-999999", "1e999999", 0, -1, "NaN"])
def test_a_number_of_tokens_that_makes_no_sense_has_no_price(per: object) -> None:
    unit = {"name": "input", "measure": "tokens", "price": 1, "per": per}
    assert entry(pricing={"units": [unit]}).input_price is None


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\0b"])
def test_a_name_that_no_row_can_have_is_left_out(name: str) -> None:
    assert entries_in(json.dumps({"data": [{"id": name}]}).encode()) == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_no_value_breaks_the_reading(value: object) -> None:
    names = ("type", "info", "aliases", "modalities", "pricing", "context_length", "top_provider", "name")
    found = entry(**{name: value for name in names if name != "type" or not isinstance(value, str)})

    assert found.model_name == "some/model"
