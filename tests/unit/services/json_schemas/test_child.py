"""What the process that reads schemas runs, called here without the process."""

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
    answer = _child.answer(question)

    assert (None if answer is None else answer[0]) == kind
