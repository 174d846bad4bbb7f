"""The script of the process that reads schemas, called here without the process."""

import io
import json
import select
import sys
from typing import Any

import pytest

from vision_chat.services.json_schemas import _child

CIRCLE = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#"}}}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ([{"type": "string", "patternProperties": {"^a": {}}, "enum": [{"$ref": "x"}]}], None),
        ([{"pattern": "("}], "schema"),
        ([{"type": "colour"}], "schema"),
        ([{"allOf": [{"$ref": "other.json"}]}], "reference"),
        ([{"type": "string"}, "a"], None),
        ([{"type": "string"}, 1], "value"),
        ([CIRCLE, 1], "deep"),
        ([{"$ref": "#/nowhere"}, 1], "schema"),
    ],
)
def test_an_answer_names_the_kind_of_problem(question: list[Any], kind: str | None) -> None:
    answer = _child.answer(json.dumps(question))

    assert (None if answer is None else answer[0]) == kind


def test_an_answer_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    _child.say(("value", "$", "words\nin lines"))

    assert json.loads(capsys.readouterr().out) == ["value", "$", "words\nin lines"]


def test_it_ends_with_its_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(_child, "limit_memory", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO('[{"type": "string"}, "a"]\n'))
    monkeypatch.setattr(select, "select", lambda *_: [[sys.stdin], [], []])
    _child.main()

    assert capsys.readouterr().out == "null\nnull\n"
