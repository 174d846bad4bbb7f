"""The notation of marks: pattern and examples come from the same line."""

import re

import pytest

from vision_chat.services.thoughts._forms import pattern_of, written


@pytest.mark.parametrize(
    ("form", "marks"),
    [
        ("</think>", ["</think>"]),
        ("<|a|>{b/c/}", ["<|a|>b", "<|a|>c", "<|a|>"]),
        ("{<|a|>b/}<|{c/d}|>", ["<|a|>b<|c|>", "<|a|>b<|d|>", "<|c|>", "<|d|>"]),
        ("<|a|>{=<|b|>}", ["<|a|><|b|>"]),
    ],
)
def test_a_form_is_written_in_each_way(form: str, marks: list[str]) -> None:
    assert list(written(form)) == marks


@pytest.mark.parametrize("form", ["[a.b]", "<|a|>{b/c/}", "{<|a|>b/}<|{c/d}|>", "{a/}{b/}c"])
def test_the_pattern_of_a_form_matches_all_that_is_written_of_it(form: str) -> None:
    pattern = re.compile(pattern_of(form))

    assert [mark for mark in written(form) if not pattern.fullmatch(mark)] == []
    assert not pattern.match("(a|b)")


def test_what_follows_is_no_part_of_a_mark() -> None:
    pattern = re.compile(pattern_of("a{=b}", "{=c}d"))

    assert [found.span() for found in pattern.finditer("ab a cd")] == [(0, 1)]


def test_a_pattern_takes_the_longest_way_that_is_listed_first() -> None:
    found = re.match(pattern_of("<a>{bc/b/}", "<a>"), "<a>bcd")

    assert found is not None
    assert found[0] == "<a>bc"
