"""Texts as models write them, each kind with what it must become: `tests/corpus/texts`."""

import random

import pytest

from tests.support.markdown_texts import chunks
from tests.support.paths import CORPUS
from tests.support.watching_document import assert_shown_as_afresh, sometimes
from vision_chat.services.markdown.rendering import render

TEXTS = {path.stem: path for path in sorted((CORPUS / "texts").glob("*.md"))}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_its_kind_becomes_the_right_html(name: str) -> None:
    path = TEXTS[name]
    assert "\n".join(render(path.read_text())) + "\n" == path.with_suffix(".html").read_text()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("longest", [1, 8])
def test_a_text_of_its_kind_is_shown_alike_to_who_watches_and_who_comes_late(name: str, longest: int) -> None:
    text, chance = TEXTS[name].read_text(), random.Random(name)
    assert_shown_as_afresh(text, chunks(text, chance, longest))
    assert_shown_as_afresh(text, chunks(text, chance, longest), sometimes(chance))
