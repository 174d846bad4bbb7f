import pytest

from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render, render_open


def shown(text: str) -> str:
    return "".join(render_open(text)).replace("<i data-end></i>", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **bold wor", "<p>a <strong>bold wor</strong></p>"),
        ("a *word", "<p>a <em>word</em></p>"),
        ("a ***both", "<p>a <em><strong>both</strong></em></p>"),
        ("a _word", "<p>a <em>word</em></p>"),
        ("a ~~word", "<p>a <del>word</del></p>"),
        ("a **b *c", "<p>a <strong>b <em>c</em></strong></p>"),
        ("a `co", '<p>a <code dir="ltr">co</code></p>'),
        ("a **b `c", '<p>a <strong>b <code dir="ltr">c</code></strong></p>'),
        ("- one **a\n- two *b", "<ul>\n<li>one **a</li>\n<li>two <em>b</em></li>\n</ul>"),
        ("# A **title", "<h1>A <strong>title</strong></h1>"),
        ("> a **quote", "<blockquote>\n<p>a <strong>quote</strong></p>\n</blockquote>"),
        ("他说**“你好", "<p>他说<strong>“你好</strong></p>"),
        ("see [the page](https://exam", "<p>see the page</p>"),
    ],
)
def test_what_has_begun_is_shown_as_what_it_will_be(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize("marks", ["*", "**", "***", "_", "`", "``", "~~"])
def test_marks_at_the_end_wait_for_what_comes_after_them(marks: str) -> None:
    assert shown(f"a {marks}") == "<p>a</p>"
    assert "".join(render(f"a {marks}")) == f"<p>a {marks}</p>"


@pytest.mark.parametrize("text", ["5*3 is 15", "2 * 3 is", "a **** b", "x_y_z", "\\*no", "`a` b"])
def test_marks_that_begin_nothing_stay_what_they_are(text: str) -> None:
    assert shown(text) == "".join(render(text))


@pytest.mark.parametrize(
    "line", ["| Name", "| Name |", "| Name | Pri", "| **Na", "|Name|Price|", "Look:\n| Name | Price"]
)
def test_the_head_of_a_table_is_one_before_the_next_line_has_come(line: str) -> None:
    html = shown(line)
    assert "<th>" in html
    assert "|" not in html


def test_the_last_row_of_a_table_is_no_head() -> None:
    assert shown("| a |\n|---|\n| b") == shown("| a |\n|---|\n| b |")
    assert shown("|a|\n|-|\n|b|c|d").count("<tr>") == 2


def test_a_line_that_begins_with_a_bar_and_is_no_head_stays_text() -> None:
    assert shown("|x| is an absolute value") == "<p>|x| is an absolute value</p>"


def test_code_in_a_list_is_not_taken_for_emphasis() -> None:
    text = "- a\n\n  ```py\n  x = a **b"
    assert "x = a **b" in shown(text)
    assert "**\n" not in shown(text)


@pytest.mark.parametrize("length", [10, 3_000])
def test_an_open_comment_is_not_shown(length: int) -> None:
    assert shown("a <!-- " + "note " * (length // 5)) == "<p>a </p>"


def test_words_after_open_emphasis_travel_alone() -> None:
    document = StreamingDocument("a **bold")
    assert document.feed(" words") == " words"
    assert document.blocks == StreamingDocument("a **bold words").blocks
