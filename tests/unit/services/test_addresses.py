import re

import pytest

from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render


def links(text: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', "".join(render(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.org/b", ["https://a.org/b"]),
        ("https://a.org/b.", ["https://a.org/b"]),
        ("(https://a.org/b)", ["https://a.org/b"]),
        ("https://a.org/b_(c)", ["https://a.org/b_(c)"]),
        ("“https://a.org/b”", ["https://a.org/b"]),
        ("https://a.org/b\uff0c\u597d", ["https://a.org/b"]),
        ("看https://a.org/b。好", ["https://a.org/b"]),
        ("https://ru.example.org/мост.", ["https://ru.example.org/%D0%BC%D0%BE%D1%81%D1%82"]),
        ("زر https://a.org/b، ثم", ["https://a.org/b"]),
        ("http://localhost:8000/x", ["http://localhost:8000/x"]),
        ("http://[::1]/", []),
        ("www.a.org", ["https://www.a.org"]),
        ("www. a", []),
        ("a.b@c.org", ["mailto:a.b@c.org"]),
        ("a@b", []),
        ("git@a.org:b/c.git", ["mailto:git@a.org"]),
        ("x@a.org@b", []),
        ("https://", []),
        ("| https://a.org/b | c |\n|---|---|\n| www.a.org | d |", ["https://a.org/b", "https://www.a.org"]),
        ("`https://a.org` and\n\n    https://a.org/b", []),
        ("$x = https://a.org$", []),
        ("a_b_https://a.org/c_d_e", ["https://a.org/c_d_e"]),
        ("javascript://a.org", []),
    ],
)
def test_a_bare_address_is_a_link_up_to_where_its_sentence_goes_on(text: str, expected: list[str]) -> None:
    assert links(text) == expected


def test_an_address_grows_as_a_link() -> None:
    document = StreamingDocument("See https://a.or")
    assert document.feed("g/b") is None
    document.render()
    assert 'href="https://a.org/b"' in document.blocks[0]


@pytest.mark.parametrize(
    ("before", "added"), [("See www", ".a.org"), ("See http", "s://a.org"), ("me", "@a.org")]
)
def test_a_word_that_becomes_an_address_is_rendered_again(before: str, added: str) -> None:
    document = StreamingDocument(before)
    assert document.feed(added) is None
