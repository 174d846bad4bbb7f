import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.client_model import INSERTION_POINT, Append, ClientModel, extend
from tests.support.markdown_texts import CORPUS, chunks, everyday, nonsense
from tests.support.watching_document import assert_shown_as_afresh, sometimes
from vision_chat.services.markdown import _formulas, _holds, _limits
from vision_chat.services.markdown import document as documents
from vision_chat.services.markdown._block import Rendered, render_block
from vision_chat.services.markdown.changes import Replace, Truncate
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render, render_open


@pytest.mark.parametrize("name", CORPUS)
def test_a_watcher_of_an_answer_always_has_what_a_fresh_page_has(name: str) -> None:
    assert_shown_as_afresh(CORPUS[name], chunks(CORPUS[name], random.Random(name), 4))


@pytest.mark.parametrize("name", CORPUS)
def test_a_watcher_of_an_answer_has_what_a_fresh_page_has_whenever_it_is_rendered(name: str) -> None:
    chance = random.Random(name)
    assert_shown_as_afresh(CORPUS[name], chunks(CORPUS[name], chance, 8), sometimes(chance))


@pytest.mark.parametrize("make", [nonsense, everyday])
@pytest.mark.parametrize("seed", range(5))
def test_a_watcher_of_nonsense_always_has_what_a_fresh_page_has(
    seed: int, make: Callable[[random.Random], str]
) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        text = make(chance)
        assert_shown_as_afresh(text, chunks(text, chance, chance.choice((1, 6, 30))))
        assert_shown_as_afresh(text, chunks(text, chance, 6), sometimes(chance))


TINY_LIMITS = [
    *((_limits, name, value) for name, value in (("MAX_BLOCK", 60), ("MAX_LINE", 100), ("MAX_MARKS", 20))),
    *((_limits, name, value) for name, value in (("MAX_CELLS", 12), ("MAX_DEPTH", 5), ("MAX_TABLE", 90))),
    (_holds, "MAX_LENGTH", 50),
    *((documents, name, value) for name, value in (("MAX_TEXT", 150), ("MAX_HTML", 3000))),
    (_formulas, "MAX_LENGTH", 20),
]


@pytest.mark.parametrize("make", [nonsense, everyday])
@pytest.mark.parametrize("seed", range(5))
def test_a_watcher_has_what_a_fresh_page_has_also_where_limits_are_passed(
    seed: int, make: Callable[[random.Random], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in TINY_LIMITS:
        monkeypatch.setattr(module, name, value)
    chance = random.Random(seed)
    for _ in range(20):
        text = make(chance) + make(chance)
        assert_shown_as_afresh(text, chunks(text, chance, chance.choice((1, 6, 30))))
        assert_shown_as_afresh(text, chunks(text, chance, 6), sometimes(chance))


def changes_of(before: str, added: str) -> list[object]:
    return list(extend(StreamingDocument(before), added))


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("The picture", " shows"),
        ("The pic", "ture shows a bridge, and (perhaps) a river."),
        ("- one\n- two", " three"),
        ("> quoted", " text"),
        ("## Head", "ing"),
        ("a **bold** word", " more"),
        ("two words\nin two", " lines"),
        ("日本", "語のテキスト"),
        ("- [x] done", " already"),
        ("```python\nfor x in", " range(10):\n    print(x)\n"),
        ("```\n`a`", " *b* <c> & $d$ [e](f)\n\n"),
        ("1. item\n   ```\n   x = fo", "o"),
    ],
)
def test_text_that_cannot_change_the_structure_is_appended(before: str, added: str) -> None:
    assert changes_of(before, added) == [Append(added)]


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("a *b", "*"),
        ("a **b**", "c"),
        ("a [b](http://c", ")"),
        ("a &amp", ";"),
        ("a $x", "$"),
        ("| a | b |\n|---|---|\n| c |", " d"),
        ("| a |\n|---|\n| b \\", "|"),
        ("- [Foo]", ": bar"),
        ("a\n", "b"),
    ],
)
def test_text_that_may_change_the_structure_replaces_the_block(before: str, added: str) -> None:
    assert [type(change) for change in changes_of(before, added)] == [Replace]


def test_spaces_at_the_end_wait_for_the_next_word() -> None:
    document = StreamingDocument("The")
    assert extend(document, " picture ") == [Append(" picture")]
    assert document.blocks == ["<p>The picture<i data-end></i></p>"]
    assert extend(document, "shows") == [Append(" shows")]


def test_a_line_in_code_waits_while_it_may_close_the_fence() -> None:
    document = StreamingDocument("````\ncode\n")
    assert extend(document, "``") == []
    assert extend(document, "` ") == []
    assert extend(document, "x") == [Append("``` x")]


@pytest.mark.parametrize(
    "marks", ["-", "- ", "- **", "1", "1. ", "---", "#", "|", "|--|", "`", "```", "```py", "> ", "*"]
)
def test_a_line_that_is_only_marks_so_far_is_not_shown(marks: str) -> None:
    document = StreamingDocument("The list:\n")
    assert extend(document, marks) == []
    assert document.blocks == ["<p>The list:</p>"]
    document.finish()
    assert document.blocks == render(f"The list:\n{marks}")


def test_closing_a_fence_replaces_the_block_by_the_same_frame_with_colours() -> None:
    document = StreamingDocument("```python\nimport os\n")
    [open_html] = document.blocks
    [change] = extend(document, "```\n")
    assert isinstance(change, Replace)
    start = open_html.index("<code>")
    assert change.html[:start] == open_html[:start]
    assert '<span class="k">import</span>' in change.html
    assert '<span class="k">' not in open_html


def test_a_block_that_has_ended_is_left_alone() -> None:
    document = StreamingDocument("# One\n\nTwo\n\n")
    changes = extend(document, "- three\n- **four**\n")
    assert changes == [Replace(2, "<ul>\n<li>three</li>\n<li><strong>four</strong></li>\n</ul>")]


def test_a_late_link_definition_replaces_the_blocks_that_waited_for_it() -> None:
    document = StreamingDocument("See [this][1].\n\nNothing here.\n\nAnd [1].\n\n")
    changes = extend(document, "[1]: https://example.org\n")
    assert [change.index for change in changes if isinstance(change, Replace)] == [0, 2]
    assert 'href="https://example.org"' in document.blocks[0]


def test_a_line_that_becomes_a_definition_disappears() -> None:
    document = StreamingDocument("Text.\n\n[1]:")
    assert len(document.blocks) == 2
    assert extend(document, " https://example.org") == [Truncate(1)]


@pytest.mark.parametrize(
    "after",
    ["\tno code\n-|-\n", "<u>\n> quote\n", "2) no list\n\n---\n", "'no title\n\nend'\n", "```\ncode\n```\n"],
)
@pytest.mark.parametrize("before", ["", "text\n\n", "- item\n\n", "# Title\n"])
def test_text_right_after_a_link_definition_is_cut_off_nowhere(before: str, after: str) -> None:
    text = f"{before}[1]: https://example.org 'title'\n{after}[1]\n"
    assert_shown_as_afresh(text, list(text))


def test_a_title_on_the_next_line_belongs_to_its_definition() -> None:
    text = "[1]: https://example.org\n'the title'"
    assert_shown_as_afresh(text, list(text))
    assert StreamingDocument(text[:-1]).blocks == ["<p>'the title</p>"]
    assert StreamingDocument(text).blocks == []


def test_a_display_formula_shows_its_source_until_it_ends() -> None:
    document = StreamingDocument("\\[\na\n")
    extend(document, "+ b\n\n- c")
    assert document.blocks == [
        '<p><span class="math math-display math-source" dir="ltr">\\[\na\n+ b\n\n- c</span></p>',
    ]
    extend(document, "\n\\]\n")
    assert "<math" in document.blocks[0]
    assert len(document.blocks) == 1


def test_code_at_the_open_end_of_a_list_is_coloured_when_something_follows() -> None:
    text = "- a\n\n  ```python\n  import os\n  ```\n"
    assert '<span class="k">' not in render_open(text)[0]
    assert '<span class="k">' in render_open(text + "- b\n")[0]
    assert '<span class="k">' in render(text)[0]


def test_a_line_break_in_two_pieces_is_one() -> None:
    document = StreamingDocument("```\na\r")
    extend(document, "\nb")
    assert document.blocks == StreamingDocument("```\na\nb").blocks


def test_characters_that_utf_8_cannot_hold_are_replaced() -> None:
    document = StreamingDocument("a\ud83d\x00\x1b\ue000\ue001")
    assert document.blocks == ["<p>a\ufffd\ufffd\ufffd\ufffd\ufffd<i data-end></i></p>"]


@pytest.mark.parametrize("text", ["", "\n\n", " ", "[1]: https://example.org"])
def test_a_text_without_anything_to_show_has_no_blocks(text: str) -> None:
    document = StreamingDocument(text)
    assert document.blocks == []
    assert document.finish() == []


def test_an_answer_over_the_limit_goes_on_as_plain_text() -> None:
    document, page = StreamingDocument("# Title\n\n"), ClientModel()
    page.apply([Replace(0, document.blocks[0])])
    line = "some quite ordinary and rather long words\n\n"
    pieces = [line * (documents.MAX_TEXT // len(line) - 2), "the end of **it** " * 20, " <b>\n\n# x"]
    page.apply(extend(document, pieces[0]))
    page.apply(extend(document, pieces[1]))
    assert page.blocks == document.blocks
    assert document.blocks[-1].startswith('<pre class="plain">\n')
    assert document.blocks[-1].endswith(f"the end of **it** {INSERTION_POINT}</pre>")
    assert document.feed(pieces[2]) == pieces[2]
    page.apply([Append(pieces[2])])
    page.apply(document.finish())
    assert page.blocks == document.blocks == render("".join(("# Title\n\n", *pieces)))


@pytest.mark.parametrize("begun", ["\n", "\n\n", "\n-", "\n\n##"])
def test_a_line_that_ends_right_before_the_limit_ends_no_more_than_itself(
    begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = "Some words, and then others"
    monkeypatch.setattr(documents, "MAX_TEXT", len(before + begun))
    assert_shown_as_afresh(f"{before}{begun} more\nand more", [before, begun, " more", "\nand", " more"])


@pytest.mark.parametrize(
    "before", ["| a | b |\n|---|---|\n| c", "| a | b |\n|---|--:|\n| c | d", "| a | b |\n|---|---|\n| | e"]
)
def test_a_word_in_the_cell_of_a_table_travels_alone(before: str) -> None:
    assert changes_of(before, " word") == [Append(" word")]


class PanicError(BaseException):
    """As parsers written in Rust raise it: no Exception."""


def failing(source: str, definitions: dict[str, tuple[str, str]], **options: bool) -> Rendered:
    """A renderer that cannot take a text with an exclamation mark."""
    if "!" in source:
        raise PanicError(source)
    return render_block(source, definitions, **options)


def test_a_document_shows_text_plainly_from_the_block_that_cannot_be_rendered_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    document, page = StreamingDocument(render_block=failing), ClientModel()
    for piece in ("# A\n\n", "b <!>", " & c\n\n", "# D\n\n", "e"):
        page.apply(extend(document, piece))
        assert page.blocks == document.blocks
    page.apply(document.finish())
    assert (
        page.blocks
        == document.blocks
        == ["<h1>A</h1>", '<pre class="plain">\nb &lt;!&gt; &amp; c\n\n# D\n\ne</pre>']
    )
    assert caplog.text.count("cannot be rendered") == 1
    assert "PanicError" in caplog.text


def test_a_block_that_could_not_be_rendered_for_a_moment_is_rendered_again() -> None:
    def failing_at_its_end(source: str, *rest: Any, **options: Any) -> Rendered:
        if source.endswith("!"):
            raise PanicError(source)
        return render_block(source, *rest, **options)

    document = StreamingDocument("a *b!", render_block=failing_at_its_end)
    assert document.blocks == ['<pre class="plain">\na *b!</pre>']
    extend(document, " c*")
    document.finish()
    assert document.blocks == ["<p>a <em>b! c</em></p>"]


def test_an_interrupt_of_the_program_passes_through() -> None:
    def interrupted(source: str, definitions: object, **options: bool) -> Rendered:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        StreamingDocument("a", render_block=interrupted)
