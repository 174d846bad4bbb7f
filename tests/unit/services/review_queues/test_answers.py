"""Answers are checked by the rubric, and what is wrong is said."""

from typing import Any

import pytest

from vision_chat.errors.reviews import AnswersError
from vision_chat.services.review_queues.answers import categories_of, checked


def question(key: str, kind: str, **values: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "choices": [],
        "bad_choices": [],
        "reasons": [],
        "policy": "",
        "is_required": False,
    }
    return {**empty, "key": key, "label": key.title(), "kind": kind, **values}


DEFINITION = {
    "policy": "",
    "verdicts": [{"value": "good", "label": "Good", "tone": "good"}],
    "questions": [
        question("colour", "choice", choices=["Red", "Blue"], bad_choices=["Red"], reasons=["Loud", "Old"]),
        question("right", "yes_no", bad_choices=["no"], reasons=["Wrong place"]),
        question("clear", "scale", choices=["1", "7"], bad_choices=["1", "2"], reasons=["Too long"]),
        question("odd", "scale", choices=["low", "high"]),
        question("count", "number"),
        question("words", "text", is_required=True),
    ],
}


def test_answers_of_a_form_become_values() -> None:
    given = {
        "colour": {"value": "Red", "reasons": ["Old", "Loud"]},
        "right": True,
        "clear": {"value": "7", "reasons": ["left over"]},
        "odd": "",
        "count": " 2.50 ",
        "words": " Fine ",
        "gone": "",
    }
    assert checked(DEFINITION, "good", given, "  So so. ") == (
        {
            "colour": {"value": "Red", "reasons": ["Loud", "Old"]},
            "right": {"value": "yes"},
            "clear": {"value": 7},
            "count": {"value": 2.5},
            "words": {"value": "Fine"},
        },
        "So so.",
    )


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("colour", "Green"),
        ("colour", "Red"),
        ("colour", {"value": "Red", "reasons": ["Green"]}),
        ("colour", {"value": "Red", "reasons": "Loud"}),
        ("colour", ["Red"]),
        ("right", "perhaps"),
        ("right", {"value": False}),
        ("clear", 8),
        ("clear", 1.5),
        ("clear", 2),
        ("clear", "nan"),
        ("odd", 6),
        ("count", "many"),
        ("count", True),
        ("count", "inf"),
        ("count", 10**400),
        ("words", ""),
        ("words", "x" * 5001),
        ("words", "\x00"),
        ("words", "\ud800"),
        ("gone", "Yes"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(key: str, given: Any) -> None:
    with pytest.raises(AnswersError) as raised:
        checked(DEFINITION, "good", {"words": "Fine", key: given}, "")
    assert list(raised.value.problems) == [key]
    assert str(raised.value).endswith(".")


def test_what_is_missing_is_said_in_a_sentence() -> None:
    with pytest.raises(AnswersError) as raised:
        checked(DEFINITION, "good", {"right": "no", "clear": 8}, "")
    assert raised.value.problems == {
        "right": "Choose at least one reason at “Right”.",
        "clear": "Choose a whole number from 1 to 7 at “Clear”.",
        "words": "“Words” needs an answer.",
    }


def test_verdict_and_note_are_checked_too() -> None:
    with pytest.raises(AnswersError) as raised:
        checked(DEFINITION, "", {"words": "Fine"}, "x" * 5001)
    assert set(raised.value.problems) == {"verdict", "note"}
    with pytest.raises(AnswersError, match="not part of the rubric"):
        checked(DEFINITION, "bad", {"words": "Fine"}, "")


def test_what_can_be_compared_are_categories() -> None:
    assert [(key, values) for key, _, values in categories_of(DEFINITION)] == [
        ("", ["good"]),
        ("colour", ["Red", "Blue"]),
        ("right", ["yes", "no"]),
        ("clear", ["1", "2", "3", "4", "5", "6", "7"]),
        ("odd", ["1", "2", "3", "4", "5"]),
    ]
