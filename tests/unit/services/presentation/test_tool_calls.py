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
