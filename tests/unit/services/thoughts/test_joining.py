"""The words of two generations, one of which goes on with the other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision_chat.services.thoughts._joining import gap
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, divide

WORDS = st.lists(
    st.sampled_from(
        [
            "stairs",
            "steep",
            "Treppe",
            "Treppenhaus",
            "крутая",
            "two",
            "a",
            "12",
            "3.14",
            "well-known",
            "ok,",
            "end.",
        ]
    ),
    min_size=2,
    max_size=20,
)
"""Of an answer, between which are blanks."""


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
        ("लड़की", "बैठी"),
        ("a stair has steps, and the stair", "ends"),
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
        ("These steep stairs are st", "eep"),
        ("Steep stairs. The st", "eep ones"),
        ("Eine Treppe im Trepp", "enhaus"),
        ("Крутая лестница: кру", "тая"),
    ],
)
def test_nothing_is_put_where_no_two_words_meet(before: str, after: str) -> None:
    assert gap(before, after) == ""


def test_a_continued_answer_has_the_blank_and_its_rows_do_not() -> None:
    assert divide([Part("One two"), Part("three.")]).answer == "One two three."
    assert divide([Part("One two"), Part("<think>Where was I?</think>three.")]).answer == "One two three."


def test_code_that_is_open_goes_on_as_it_is() -> None:
    assert divide([Part("```python\ndef sca"), Part("le():\n```")]).answer == "```python\ndef scale():\n```"


def test_an_endpoint_that_keeps_its_blanks_lacks_none() -> None:
    assert divide([Part(" The stairs are st"), Part("eep.")]).answer == " The stairs are steep."
    assert divide([Part("The"), Part(" stairs are st"), Part("eep.")]).answer == "The stairs are steep."


def test_what_is_indented_or_follows_thoughts_tells_nothing_of_blanks() -> None:
    assert divide([Part("    code"), Part("two")]).answer == "    code two"
    assert divide([Part("<think>Hm</think> One"), Part("two")]).answer == "One two"


@given(WORDS, st.data())
def test_of_an_endpoint_that_keeps_blanks_every_cut_is_mended(words: list[str], data: st.DataObject) -> None:
    text = " " + " ".join(words)
    cut = data.draw(st.integers(1, len(text) - 1))

    assert divide([Part(text[:cut]), Part(text[cut:])]).answer == text


@given(WORDS, st.data())
def test_no_letter_is_lost_and_one_blank_at_most_is_wrong(words: list[str], data: st.DataObject) -> None:
    """Of an endpoint that drops blanks."""
    text = " ".join(words)
    cut = data.draw(st.integers(1, len(text) - 1))
    joined = divide([Part(text[:cut].rstrip()), Part(text[cut:].lstrip())]).answer

    assert joined.replace(" ", "") == text.replace(" ", "")
    assert abs(len(joined) - len(text)) <= 1


@given(WORDS, st.sampled_from(["stairs", "steep", "Treppenhaus", "крутая"]), st.data())
def test_a_word_that_the_answer_has_is_not_torn(words: list[str], word: str, data: st.DataObject) -> None:
    text = " ".join([word, *words])
    cut = data.draw(
        st.integers(1, len(word) - 1).filter(lambda at: word[:at].casefold() not in {"a", "treppe"})
    )
    answer = divide([Part(f"{text} {word[:cut]}"), Part(word[cut:])]).answer

    assert answer == f"{text} {word}"


@settings(max_examples=200)
@given(st.lists(WORDS.map(" ".join), min_size=2, max_size=4), st.data())
def test_parts_that_grow_are_joined_like_those_that_came_at_once(
    texts: list[str], data: st.DataObject
) -> None:
    texts = [
        " " * data.draw(st.integers(0, 1)) + text[: data.draw(st.integers(1, len(text)))] for text in texts
    ]
    divider = Divider()
    for index, text in enumerate(texts):
        if index:
            divider.begin_part()
        for sign in text:
            divider.feed(sign)
    divider.finish()

    assert str(divider.answer) == divide(map(Part, texts)).answer
