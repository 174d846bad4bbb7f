"""Calls of tools as people read them."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from vision_chat.services.presentation.tool_calls import MAX_VALUE, ToolCallView


def view(arguments: str, name: str = "get_weather") -> ToolCallView:
    return ToolCallView.of({"id": "1", "name": name, "arguments": arguments})


def test_arguments_are_named() -> None:
    shown = view('{"city": "Oslo", "days": [1, 2], "é": null}')
    assert [tuple(argument) for argument in shown.arguments] == [
        ("city", "Oslo"),
        ("days", "[1, 2]"),
        ("é", "null"),
    ]
    assert shown.text == ""


@pytest.mark.parametrize("text", ['{"city": "Os', "[1]", "7", "[" * 5000, '{"a": ' * 5000])
def test_what_is_no_object_is_shown_as_it_came(text: str) -> None:
    shown = view(text)
    assert (shown.arguments, shown.text.rstrip("…")) == ([], text[:MAX_VALUE])


def test_long_ones_are_shortened_and_markup_is_text() -> None:
    html = render_to_string(
        "_tool_calls.html",
        {"calls": [view('{"<b>": "<script>"}', "<i>"), view(f'{{"a": "{"x" * 9000}"}}'), view("", "")]},
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<i>" not in html
    assert "x" * (MAX_VALUE + 1) not in html
    assert "a function without a name" in html
    assert "Nothing was called" in html


def test_a_row_of_another_version_does_no_harm() -> None:
    rows: list[dict[str, Any]] = [{}, {"name": None, "arguments": None}]
    assert all(ToolCallView.of(row).name for row in rows)


def test_half_a_character_in_arguments_does_not_keep_the_page_from_being_shown() -> None:
    view = ToolCallView.of({"name": "look", "arguments": r'{"a \ud83d": "\ud83d", "b": ["\udc00"]}'})
    html = render_to_string("_tool_calls.html", {"calls": [view]})

    assert "a ?" in html.encode().decode()
    assert [argument.value for argument in view.arguments] == ["?", '["?"]']


@pytest.mark.parametrize("depth", range(800, 1_000, 5))
def test_arguments_of_any_depth_are_shown_in_some_way(depth: int) -> None:
    view = ToolCallView.of({"name": "look", "arguments": '{"a": ' + "[" * depth + "]" * depth + "}"})
    assert view.arguments or view.text


def test_a_long_name_of_an_argument_is_shortened() -> None:
    view = ToolCallView.of({"name": "look", "arguments": '{"%s": 1}' % ("x" * 90_000)})
    assert len(view.arguments[0].name) == MAX_VALUE + 1
