"""An answer that is JSON, as people see it."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from vision_chat.models import Completion
from vision_chat.services.presentation.json_answer import JsonAnswerView, csv_answer, json_text, shows_json

PLAIN = Completion()
JSON = Completion(parameters={"response_format": {"type": "json_object"}})


def by_schema(schema: Any) -> Completion:
    wanted = {"type": "json_schema", "json_schema": {"name": "it", "schema": schema}}
    return Completion(parameters={"response_format": wanted})


def notes(view: JsonAnswerView | None) -> list[str]:
    assert view is not None
    return [note.text for note in view.notes]


@pytest.mark.parametrize(
    "answer",
    ['{"a": 1}', " [1, 2]\n", '```json\n{"a": 1}\n```', "```\n[\n1]\n```", '```JSON\n {"a": "```"}\n```'],
)
def test_an_answer_that_is_json_has_a_tree(answer: str) -> None:
    assert shows_json(answer, PLAIN)
    view = JsonAnswerView.of(1, answer, PLAIN)
    assert view is not None
    assert view.tree
    assert view.notes == []
    assert "data-json-tree" in render_to_string("_json_answer.html", {"json": view})


@pytest.mark.parametrize(
    "answer",
    [
        "42",
        '"words"',
        "Here it is:\n```json\n{}\n```",
        "[a link](https://example.org)",
        "```python\n[1]\n```",
        '{"a": NaN}',
        '{"a": 1} and more}',
        "[" * 100_000 + "]",
        "",
    ],
)
def test_another_answer_has_none(answer: str) -> None:
    assert JsonAnswerView.of(1, answer, PLAIN) is None


def test_what_can_be_no_json_is_not_even_asked_for() -> None:
    assert not shows_json("Words.", PLAIN)
    assert not shows_json("", JSON)
    assert shows_json("Words.", JSON)


def test_json_that_was_asked_for_and_is_none_is_told() -> None:
    view = JsonAnswerView.of(1, '{"a": ', JSON)
    assert notes(view) == ["JSON was asked for, but this answer is not valid JSON."]
    assert view is not None
    assert view.tree is None


def test_an_answer_is_held_to_its_schema() -> None:
    schema = {"type": "object", "properties": {"steps": {"type": "integer"}}, "required": ["steps"]}
    assert notes(JsonAnswerView.of(1, '{"steps": 12}', by_schema(schema))) == ["Fits the schema."]
    (problem,) = notes(JsonAnswerView.of(1, '{"steps": "many"}', by_schema(schema)))
    assert "Does not fit the schema" in problem
    assert "steps" in problem


def test_a_fence_is_no_part_of_the_json() -> None:
    assert json_text('```json\n{"a": "```"}\n```') == '{"a": "```"}'
    assert json_text("```\n\n [1]\n \n```") == "[1]"
    assert json_text("```json\n```") == ""


@pytest.mark.parametrize(
    "answer", ["```{}[1]{}```", "```{}\n{}[1]```", "```json\n[1,{}{}2]```", "```{}{}json```"]
)
def test_blanks_without_end_are_read_once(answer: str) -> None:
    # each pair of blanks would take a step: hours, in which nothing else runs
    text = answer.format(*[" \t\n" * 100_000] * 2)
    shows_json(text, PLAIN)
    assert len(json_text(text)) < len(text)


@pytest.mark.parametrize("depth", range(700, 1_000, 10))
def test_what_can_just_be_read_has_a_tree_or_none(depth: int) -> None:
    for answer in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        view = JsonAnswerView.of(1, answer, PLAIN)  # on no stack it is an error
        assert view is None or view.tree


def test_half_a_character_becomes_a_sign_that_a_page_can_have() -> None:
    text = r'[{"a \ud83d": "\ud83d\ude00 \uDC00"}]'
    view = JsonAnswerView.of(1, text, by_schema({"items": {"type": "string"}}))
    html = render_to_string("_json_answer.html", {"json": view})

    assert "a ?" in html.encode().decode()
    assert "😀 ?" in html
    assert "😀 ?" in (csv_answer(text) or "")
