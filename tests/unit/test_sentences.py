"""Sentences for people, wherever they stand: in templates and in the calls that translate."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

TRANSLATING = re.compile(r"n?p?gettext(_lazy|_noop)?|_")
TAGS = re.compile(
    r"""\{%\s*translate\s+"(?P<tag>[^"]*)"
    |_\("(?P<argument>[^"]*)"\)
    |\{%\s*blocktranslate[^%]*%\}(?P<block>.*?)\{%\s*endblocktranslate""",
    re.DOTALL | re.VERBOSE,
)
CODE = re.compile(r"<code>.*?</code>|<[^>]*>|\{[{%].*?[%}]\}", re.DOTALL)
"""What is no words of a sentence: code, attributes of HTML, tags of templates."""
UNENDED = re.compile(r"[.!?] [A-Z][^.!?:”]*\Z")
STRAIGHT = re.compile(r"""['"]""")


def sentences() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for match in TAGS.finditer(path.read_text()):
            yield path, match["tag"] or match["argument"] or match["block"] or ""
    for path in sorted((ROOT / "vision_chat").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and TRANSLATING.fullmatch(name_of(call.func)):
                for argument in call.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield path, argument.value


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_quotes_and_apostrophes_in_sentences_are_curly() -> None:
    found = list(sentences())
    straight = [(path.name, words) for path, words in found if STRAIGHT.search(CODE.sub("", words))]

    assert len(found) > 500
    assert straight == []


def test_sentences_end_with_a_stop_where_another_one_follows_in_the_same_text() -> None:
    """Two sentences of which only the first has one."""
    unended = [(path.name, words) for path, words in sentences() if UNENDED.search(words)]

    assert unended == []
