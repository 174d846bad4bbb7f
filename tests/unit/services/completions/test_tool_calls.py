"""Calls of tools, put together from whatever pieces an endpoint sends."""

from typing import Any

import pytest

from tests.support.choice_scenarios import chunk
from vision_chat.errors.completions import ReplyEmptyError
from vision_chat.services.completions._tool_calls import MAX_CALLS, MAX_CHARACTERS, ToolCalls
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.ends import TOO_LONG

WEATHER = {"id": "call_1", "name": "get_weather", "arguments": '{"city": "Oslo"}'}
CLOCK = {"id": "call_2", "name": "clock", "arguments": "{}"}


def piece(index: int | None = None, call_id: str | None = None, **function: Any) -> dict[str, Any]:
    beside = {"index": index, "id": call_id, "type": "function"}
    return {name: value for name, value in beside.items() if value is not None} | {"function": function}


def put_together(*chunks: Any) -> list[dict[str, str]]:
    calls = ToolCalls()
    for one in chunks:
        calls.add(one)
    return calls.to_json()


@pytest.mark.parametrize(
    "chunks",
    [
        [
            [piece(0, "call_1", name="get_weather", arguments="")],
            [piece(0, arguments='{"ci')],
            [piece(1, "call_2", name="clock", arguments="{}")],
            [piece(0, arguments='ty": "Oslo"}')],
        ],
        [[piece(None, "call_1", name="get_weather", arguments='{"city": "Oslo"}')],
         [piece(None, "call_2", name="clock", arguments="{}")]],
        [[piece(None, "call_1", name="get_weather", arguments='{"city":')],
         [piece(None, None, arguments=' "Oslo"}')],
         [piece(None, "call_2", name="clock", arguments={})]],
        [[piece(0, "call_1", name="get_weather", arguments={"city": "Oslo"}),
          piece(1, "call_2", name="clock")],
         [piece(1, "call_2", name="clock", arguments="{}"), piece(0, name="get_weather", arguments=None)]],
    ],
    ids=["numbered", "each at once", "by their ids", "all at once, as JSON"],
)  # fmt: skip
def test_they_are_put_together(chunks: list[Any]) -> None:
    assert put_together(*chunks) == [WEATHER, CLOCK]


@pytest.mark.parametrize("strange", [None, "call", {}, [None], [7], [[]], [{"index": {}}], [{"function": 7}]])
def test_what_is_none_does_no_harm(strange: Any) -> None:
    assert put_together(strange, [piece(0, "call_1", name="clock")])[-1]["name"] == "clock"


def test_they_have_limits() -> None:
    calls = ToolCalls()
    calls.add([piece(0, name="long", arguments="x" * MAX_CHARACTERS)])
    assert calls.is_full
    assert len(calls.to_json()[0]["arguments"]) == MAX_CHARACTERS - len("long")
    many = ToolCalls()
    many.add([piece(index, name="x") for index in range(MAX_CALLS + 1)])
    assert many.is_full
    assert len(many.to_json()) == MAX_CALLS


def read(*chunks: bytes) -> ReplyReader:
    reader = ReplyReader()
    list(reader.feed(b"".join(chunks)))
    return reader


@pytest.mark.parametrize("empty", [{}, piece(0), piece(0, arguments=""), piece(0, "again", name="other")])
def test_pieces_without_end_that_add_nothing_are_as_none(empty: dict[str, Any]) -> None:
    calls = ToolCalls()
    assert calls.add([piece(0, "call_1", name="look", arguments="{")])
    assert not calls.add([empty])


def test_an_answer_of_calls_alone_is_an_answer() -> None:
    reader = read(
        chunk(tool_calls=[piece(0, "call_1", name="clock", arguments="{}")]), chunk(0, "tool_calls")
    )
    reader.check_end()
    assert list(reader.end(0).tool_calls) == [{**CLOCK, "id": "call_1"}]
    old = read(chunk(function_call={"name": "clock", "arguments": "{}"}), chunk(0, "function_call"))
    old.check_end()
    assert list(old.end(0).tool_calls) == [{**CLOCK, "id": ""}]
    with pytest.raises(ReplyEmptyError):
        read(chunk(tool_calls=[]), chunk(0, "stop")).check_end()


def test_calls_without_end_end_the_answer() -> None:
    reader = read(chunk(tool_calls=[piece(0, name="x", arguments="y" * (MAX_CHARACTERS + 1))]))
    assert reader.is_complete
    assert reader.end(0).finish_reason == TOO_LONG
