"""Schemas that people write, and answers by them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.server import PATIENCE
from vision_chat.services.json_schemas import _process
from vision_chat.services.json_schemas.validation import MAX_CHARACTERS, check_schema, problem_of

RECEIPT = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "items": {"$ref": "#/$defs/items"}},
    "required": ["total"],
    "$defs": {"items": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}}},
}


@pytest.fixture(autouse=True, scope="module")
def _ended() -> Iterator[None]:
    yield
    _process.shared.close()


def test_a_schema_that_refers_to_itself_is_one() -> None:
    assert check_schema(RECEIPT) is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ([], "A schema must be a JSON object."),
        ({"type": "colour"}, "not a valid schema, at $.type"),
        ({"type": "string", "pattern": "("}, "not a valid schema: '('"),
        ({"properties": {"a": {"minimum": "b"}}}, "at $.properties.a.minimum"),
    ],
)
def test_what_is_no_schema_is_told(schema: Any, words: str) -> None:
    assert words in str(check_schema(schema))


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_a_schema_refers_to_nothing_elsewhere_and_nothing_is_fetched(keyword: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        schema = {"properties": {"a": {"anyOf": [{keyword: address}]}}}
        assert "may only refer to this schema itself" in str(check_schema(schema))
        assert "may only refer to this schema itself" in str(problem_of({"a": 1}, schema))
        # as data it is none, and hidden from the check it is not fetched either
        hidden = {"properties": {"default": {keyword: address}}}
        assert problem_of({"default": 1}, hidden)
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


def test_an_answer_fits_or_it_is_told_where_it_does_not() -> None:
    assert problem_of({"total": 3.5, "items": ["tea"]}, RECEIPT) is None
    problem = problem_of({"total": 3.5, "items": ["tea", "2"]}, RECEIPT)
    assert problem == "Does not fit the schema, at $.items[1]: '2' does not match '^[a-z]+$'"


@pytest.mark.timeout(60)
def test_a_pattern_that_runs_for_ever_is_ended_and_the_next_one_is_checked() -> None:
    assert check_schema(RECEIPT) is None  # it is started
    begun = time.monotonic()
    problem = problem_of("a" * 60 + "!", {"pattern": "^(a+)+$"}, seconds=0.3)

    assert problem == "Checking this by the schema took too long."
    assert time.monotonic() - begun < PATIENCE
    assert problem_of({"total": 1}, RECEIPT) is None


def test_references_in_circles_end() -> None:
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#"}}}
    assert problem_of(1, circle) == "This is nested too deeply to be checked."


def test_depth_and_size_are_limited() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    assert problem_of(deep, {"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"})
    bottomless: list[Any] = []
    bottomless.append(bottomless)
    assert problem_of(bottomless, {}) == "This is nested too deeply to be checked."
    assert problem_of("a" * MAX_CHARACTERS, {}) == "This is too large to be checked."


def test_callers_take_turns() -> None:
    results: list[str | None] = []
    threads = [
        threading.Thread(target=lambda number=number: results.append(problem_of(number, {"type": "string"})))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = [f"Does not fit the schema, at $: {number} is not of type 'string'" for number in range(8)]
    assert sorted(map(str, results)) == expected


def test_a_process_that_has_ended_is_started_again() -> None:
    assert check_schema(RECEIPT) is None
    process = _process.shared._process
    assert process is not None
    process.kill()
    process.wait()

    assert check_schema(RECEIPT) is None
