"""Common shapes are written into the HTML without a parser, and are what it would have made of them."""

import random

import pytest

from tests.support.client_model import ClientModel
from tests.support.fake_scenarios import tokens
from tests.support.markdown_texts import chunks, everyday
from tests.support.watching_document import watch
from vision_chat.services.markdown import open_document, outline
from vision_chat.services.markdown.block_html import Definitions, Rendered, render_block
from vision_chat.services.markdown.changes import Replace
from vision_chat.services.markdown.open_document import OpenDocument
from vision_chat.services.markdown.rendering import render


@pytest.mark.parametrize("seed", range(20))
def test_a_watcher_of_everyday_shapes_always_has_what_a_fresh_page_has(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        text = everyday(chance)
        watch(text, tokens(text) if chance.random() < 0.3 else chunks(text, chance, chance.choice((1, 3, 8))))


TABLE = "| a | b |\n|---|--:|\n| c | d |"


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("The **bold", " word**"),
        ("The *word", "*."),
        ("Press", " `Enter`,"),
        ("- **Note:", "**"),
        ("- one", "\n- two"),
        ("- one", "\n- **Two:** more"),
        ("9. nine", "\n10. ten"),
        ("> - one", " `two`"),
        (TABLE, "\n| e"),
        (f"{TABLE}\n| e |", " f |"),
        (f"{TABLE}\n| e |", " **f**"),
        (f"{TABLE}\n| e |", " $4.50"),
        ("A word.", "\n\nAnother"),
        ("A word.", "\n\n## Title"),
        ("A word.", "\n\n- item"),
        ("- item", "\n\nA word"),
        (TABLE, "\n\n1. **First:** the"),
        ("$$\na = b", " + \\frac{c}{d}"),
    ],
)
def test_a_common_shape_is_written_without_a_parser(before: str, added: str, parsed: list[str]) -> None:
    document = OpenDocument(before)
    parsed.clear()
    [change] = document.extend(added)
    assert isinstance(change, Replace)
    assert parsed == []
    assert document.blocks == OpenDocument(before + added).blocks
    document.finish()
    assert document.blocks == render(before + added)


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("The \\**bold", " word**"),
        ("The **bold", " *word**"),
        ("a ` b **c", "** `"),
        ("1. one", "\n2) two"),
        ("- one", "\n* two"),
        ("one\n2. two", "\n3. three"),
        (f"{TABLE}\n| e |", " `f|g`"),
        (f"{TABLE}\n| e ||", " f"),
        ("- item", "\n\n- item"),
        ("[a]: b", "\n\nA word"),
        ("$$a", " = b$$"),
    ],
)
def test_what_only_looks_like_a_common_shape_is_parsed(before: str, added: str, parsed: list[str]) -> None:
    document = OpenDocument(before)
    parsed.clear()
    document.extend(added)
    assert parsed != []
    assert document.blocks == OpenDocument(before + added).blocks


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of the blocks that are rendered from now on."""
    sources: list[str] = []

    def note(source: str, definitions: Definitions, *, is_open: bool) -> Rendered:
        sources.append(source)
        return render_block(source, definitions, is_open=is_open)

    monkeypatch.setattr(open_document, "render_block", note)
    return sources


@pytest.mark.parametrize("unit", [" word", " **two** words", "\n- item **x**", "\n| a | b |", "\n\nA word"])
def test_a_block_that_becomes_too_much_is_the_same_for_all(unit: str) -> None:
    document, page, text = OpenDocument(TABLE if "|" in unit else "- a"), ClientModel(), ""
    page.apply([Replace(0, document.blocks[0])])
    pieces = tokens(unit)
    while len(text) < outline.MAX_BLOCK + 100:
        for piece in pieces:
            page.apply(document.extend(piece))
            text = document.text
        if len(text) > outline.MAX_BLOCK - 50:
            assert page.blocks == document.blocks == OpenDocument(text).blocks
