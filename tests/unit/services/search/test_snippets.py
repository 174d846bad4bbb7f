"""Which part of a text is shown, and what is marked in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.search.snippets import MAX_LENGTH, MAX_WORDS, Snippets

LONG = "word " * 200


def marked(query: str, text: str) -> str:
    """The snippet with its matches in brackets."""
    return "".join(f"[{piece}]" if is_match else piece for piece, is_match in Snippets(query).of(text))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("cafe", "The Café, cafés", "The [Café], [cafés]"),
        ("cafe x", "The Café, cafés", "The [Café], cafés"),
        ("strasse", "Die Straße.", "Die [Straße]."),
        ("fin", "\ufb01n", "[\ufb01n]"),
        ("京", "東京タワー", "東[京]タワー"),
        ("京タ", "東京タワー", "東[京タ]ワー"),
        ("국어", "한국어를", "한[국어]를"),
        ("iphone", "我的iPhone手机", "我的[iPhone]手机"),
        ("e", "cafe\u0301 e\u0301te\u0301", "cafe\u0301 [e\u0301te\u0301]"),
        ("ab", "a\nb   ab\t\tc", "a b [ab] c"),
        ("<b>", "<b>bold</b> & b", "<[b]>[bold]</[b]> & [b]"),
        ("elsewhere", "Nothing of it", "Nothing of it"),
        ("!", "Nothing to look for", "Nothing to look for"),
        ("x", "", ""),
    ],
)
def test_the_words_of_the_query_are_marked_in_the_letters_of_the_text(
    query: str, text: str, expected: str
) -> None:
    assert marked(query, text) == expected


def test_a_snippet_begins_and_ends_at_words_around_the_match() -> None:
    assert re.fullmatch(r"…(word )+\[needle\] (word )*word…", marked("needle", f"{LONG}needle {LONG}"))


def test_a_text_without_blanks_is_cut_around_the_match() -> None:
    snippet = marked("京", "東" * 500 + "京" + "東" * 500)

    assert re.fullmatch(r"…東+\[京\]東+…", snippet)
    assert len(snippet) <= MAX_LENGTH + 4


def test_the_place_with_most_words_of_the_query_is_shown() -> None:
    text = f"the cat {LONG} the elephant"

    assert marked("the elephant", text).endswith("[the] [elephant]")


@pytest.mark.parametrize("length", [7_990, 8_000, 30_000])
@pytest.mark.parametrize("filler", ["word ", "wörd ", "語"])
def test_a_match_far_into_a_text_is_found(filler: str, length: int) -> None:
    text = f"{(filler * length)[:length]} needle and more"

    assert "[needle]" in marked("needle", text)


def test_a_huge_text_is_looked_through_in_part_only() -> None:
    assert marked("needle", LONG * 200 + "needle").startswith("word word")


@given(st.text(max_size=600), st.text(max_size=20))
def test_a_snippet_is_a_part_of_the_text(text: str, query: str) -> None:
    shown = "".join(piece for piece, _ in Snippets(query).of(text))

    inside = shown.removeprefix("…").removesuffix("…") if not text.startswith("…") else shown
    assert re.sub(r"\s+", " ", inside) in re.sub(r"\s+", " ", text)
    assert len(shown) <= MAX_LENGTH + 2


def test_of_very_many_words_the_first_ones_are_looked_for() -> None:
    snippets = Snippets(" ".join(f"word{number}" for number in range(5000)))

    pieces = snippets.of(f"word0 word{MAX_WORDS - 1} word{MAX_WORDS} word4999")
    assert [piece.text for piece in pieces if piece.is_match] == ["word0", f"word{MAX_WORDS - 1}"]
