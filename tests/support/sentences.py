"""The sentences that the product shows to people, found in its templates and modules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation.template import templatize

from tests.support.paths import ROOT

MARKING: Final = re.compile(r"_|_?(?:n|p|np)?gettext(?:_lazy|_noop)?")
"""Names of the functions that translate, or that mark a text for it."""
TELLING: Final = {"CommandError", "ConfigurationError", "Warning", "_invalid", "write"}
"""Names of the callables whose texts are shown untranslated: at the start, and by commands."""
TOLD: Final = {"NO_PATH", "help"}
"""Names of variables with such texts."""
MARKED: Final = re.compile(r"""\b(?:gettext|ngettext|_)\((.*?)\) """, re.DOTALL)
LITERAL: Final = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


class Sentence(NamedTuple):
    """A text for people, and the file that it is in."""

    path: str
    text: str


def sentences() -> Iterator[Sentence]:
    """Yield all of them."""
    for folder in ("vision_chat", "chatsite"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from (Sentence(_name(path), text) for text in in_module(path.read_text()))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from (Sentence(_name(path), text) for text in in_template(path.read_text()))


def in_module(source: str) -> Iterator[str]:
    """Yield the sentences of a module; of one with values in it what stands between them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = _called(node)
            if MARKING.fullmatch(name) or name in TELLING:
                yield from _texts(node)
        elif isinstance(node, ast.Assign) and {ast.unparse(target) for target in node.targets} & TOLD:
            yield from _texts(node.value)


def in_template(source: str) -> Iterator[str]:
    """Yield the sentences of a template, as those see them who translate it."""
    for call in MARKED.findall(templatize(source)):
        yield from (ast.literal_eval(literal) for literal in LITERAL.findall(call))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def _texts(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
