"""The words of two generations, one of which goes on with the other."""

import pytest

from vision_chat.services.thoughts._joining import gap
from vision_chat.services.thoughts.division import Part, divide


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("two three four", "and all the rest"),
        ("It is a cat.", "It sleeps."),
        ("in the year", "2024"),
        ("for 12", "people"),
        ("the sum (three)", "is"),
        ("very", "**important**"),
        ("la fin", "(suite)"),
        ("고양이가", "잔다"),
        ("кот", "спит"),
    ],
)
def test_words_are_parted_by_a_blank(before: str, after: str) -> None:
    assert gap(before, after) == " "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "Hello"),
        ("Hello ", "again"),
        ("Hello", " again"),
        ("First line\n", "Second"),
        ("Hello", ", again"),
        ("Hello", "!"),
        ("don", "'t"),
        ("猫が", "寝ている"),
        ("แมว", "นอน"),
        ("猫が", "sleep"),
        ("3.", "14"),
        ("1,", "000"),
        ("12", "34"),
        ("https://example.or", "g/cats"),
        ("ann@exam", "ple.org"),
        ("call `scale_im", "age`"),
        ("so $x + ", "y$"),
        ("so $x +y", "z$"),
        ("\\fr", "ac"),
        ("well-", "known"),
        ("(", "see below)"),
    ],
)
def test_nothing_is_put_where_no_two_words_meet(before: str, after: str) -> None:
    assert gap(before, after) == ""


def test_a_continued_answer_has_the_blank_and_its_rows_do_not() -> None:
    assert divide([Part("One two"), Part("three.")]).answer == "One two three."
    assert divide([Part("One two"), Part("<think>Where was I?</think>three.")]).answer == "One two three."


def test_code_that_is_open_goes_on_as_it_is() -> None:
    assert divide([Part("```python\ndef sca"), Part("le():\n```")]).answer == "```python\ndef scale():\n```"
