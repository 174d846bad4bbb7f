import random

import pytest

from tests.support.markdown_texts import everyday, nonsense
from vision_chat.services.markdown import _holds, _limits, _outline
from vision_chat.services.markdown._limits import weight
from vision_chat.services.markdown._outline import split


def pieces(text: str, *, is_final: bool = False) -> list[tuple[int, str]]:
    return [(piece.start, text[piece.start : piece.end]) for piece in split(text, is_final=is_final)]


def test_a_piece_begins_where_its_first_line_begins_and_ends_without_line_breaks() -> None:
    assert pieces("a\n\n  - b\n\n    c\n\n\n---\n") == [(0, "a"), (3, "  - b\n\n    c"), (18, "---")]


def test_places_are_counted_in_characters() -> None:
    assert pieces("日本 é\n\n😀 *x*\n\nz") == [(0, "日本 é"), (6, "😀 *x*"), (13, "z")]


def test_a_link_definition_belongs_to_the_piece_after_it() -> None:
    assert pieces("a\n\n[b]: https://c.d\n\ne") == [(0, "a"), (3, "[b]: https://c.d\n\ne")]


def test_link_definitions_alone_are_no_piece() -> None:
    assert pieces("a\n\n[b]: https://c.d\n") == [(0, "a")]


def test_a_display_formula_holds_the_lines_that_markdown_would_take() -> None:
    text = "\\[\na\n+ b\n\nc\n\\]\n\nd"
    assert pieces(text) == [(0, text[:-3]), (len(text) - 1, "d")]


@pytest.mark.parametrize("opener", ["\\[\na\n", "$$\na\n", "<details>\n<summary>a</summary>\n"])
def test_a_construct_without_an_end_holds_the_outline_until_no_end_can_come(opener: str) -> None:
    text = f"{opener}\n# b\n\n"
    assert len(pieces(text)) == 1
    assert len(pieces(text, is_final=True)) == 2
    assert len(pieces(text + "c\n\n" * _holds.MAX_LENGTH)) > 2


def test_tags_that_are_not_allowed_are_text() -> None:
    assert pieces("<form>\n\na\n\n</form>") == [(0, "<form>"), (8, "a"), (11, "</form>")]
    assert pieces("<script>\n\na") == [(0, "<script>"), (10, "a")]


@pytest.mark.parametrize(
    "text",
    [
        "> " * (_limits.MAX_DEPTH + 1) + "a",
        "- a\n" * (_limits.MAX_MARKS + 2),
        "a" * (_limits.MAX_LINE + 1),
        "some words\n" * (_limits.MAX_BLOCK // 10),
        "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|a\n" * 200,
    ],
)
def test_an_excessive_piece_ends_at_an_empty_line(text: str) -> None:
    whole = f"one\n\n{text}\n\n# two\n"
    found = split(whole, is_final=False)
    assert [piece.is_excessive for piece in found] == [False, True, False]
    assert whole[found[1].start : found[1].end] == text.rstrip("\n")
    assert whole[found[2].start : found[2].end] == "# two"


def test_code_is_never_excessive() -> None:
    [piece] = split("```\n" + "a\n" * _limits.MAX_BLOCK + "```\n", is_final=True)
    assert not piece.is_excessive


def test_formulas_weigh_more_than_text() -> None:
    assert weight("$x+y$") > 5 * weight("aaaaa")


@pytest.mark.parametrize("seed", range(5))
def test_rows_that_are_not_parsed_change_no_element(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        rows = "".join(f"|{everyday(chance).replace(chr(10), ' ')}\n" for _ in range(chance.randint(0, 3)))
        text = f"| a | b |\n|---|--:|\n{rows}{nonsense(chance)}"
        assert list(_outline._elements(text)) == list(_outline._parsed_elements(text)), text
