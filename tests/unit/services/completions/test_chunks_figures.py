from decimal import Decimal
from typing import Any

import pytest

from tests.support.chunk_reading import END, FRAMING, choice, read
from vision_chat.demo.framing import DONE, event
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.ends import Finish


def test_usage_and_cost_come_from_the_last_chunks() -> None:
    reader = ReplyReader(cost={"usd_spent": "9"})
    meta = {"usage": {"credits_used": 84, "usd_spent": 0.1}}
    read(FRAMING.delta("Hi"), FRAMING.finish("length"), FRAMING.usage(7, 2, meta=meta), DONE, reader=reader)
    assert reader.finish(inference_id="i", request_id="r") == Finish(
        finish_reason="length",
        prompt_tokens=7,
        completion_tokens=2,
        usd_spent=Decimal("0.1"),
        credits_used=Decimal(84),
        model_name="some/model",
        completion_id="chatcmpl-1",
        inference_id="i",
        request_id="r",
    )


@pytest.mark.parametrize("value", ["much", {}, "NaNN"])
def test_a_cost_that_is_no_number_is_not_known(value: Any) -> None:
    reader = ReplyReader()
    read(FRAMING.delta("Hi"), FRAMING.usage(1, 1, meta={"usage": {"usd_spent": value}}), END, reader=reader)
    assert reader.finish().usd_spent is None


@pytest.mark.parametrize("usage", [7, [], "many", {"prompt_tokens": "many"}, {"prompt_tokens": None}])
def test_usage_that_is_none_is_not_known_and_harms_nothing(usage: Any) -> None:
    reader = ReplyReader()
    assert (
        read(FRAMING.delta("Hi"), event({"choices": [], "usage": usage, "meta": usage}), END, reader=reader)
        == "Hi"
    )
    assert reader.finish().prompt_tokens is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_figures_that_are_no_numbers_are_not_known(number: str) -> None:
    reader = ReplyReader()
    figures = event({"choices": [], "usage": {"prompt_tokens": 0}, "meta": {"usage": {"usd_spent": 0}}})
    read(FRAMING.delta("Hi"), figures.replace(b":0", f":{number}".encode()), END, reader=reader)
    assert reader.finish() == Finish(
        finish_reason="stop", model_name="some/model", completion_id="chatcmpl-1"
    )


def test_the_first_chunk_says_which_model_answers() -> None:
    reader = ReplyReader()
    read(choice(delta={"content": "a"}), event({"model": "other", "choices": []}), END, reader=reader)
    assert reader.finish().model_name == "m"
