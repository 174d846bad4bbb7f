r"""Formulas of chemistry, such as `\ce{2H2 + O2 -> 2H2O}`, as LaTeX that the converter knows."""

import re

from vision_chat.services.markdown._stand_ins import LESS_THAN

_FORMULA = re.compile(r"\\ce\{((?:[^{}]|\{[^{}]*\})*)\}")
_ARROWS = (
    (f"{LESS_THAN}=>", r"\rightleftharpoons"),
    (f"{LESS_THAN}->", r"\leftrightarrow"),
    ("->", r"\rightarrow"),
    (f"{LESS_THAN}-", r"\leftarrow"),
)
_LABELLED = re.compile(r"->\[([^\[\]]*)\]")
_GAS, _SOLID = re.compile(r"(?<=\s)\^(?=\s|$)"), re.compile(r"(?<=\s)v(?=\s|$)")
_PART = re.compile(
    r"(?P<command>\\[A-Za-z]+)"
    r"|(?P<above>\^(?:\{[^{}]*\}|\d*[+-]|\d+))|(?P<count>(?<=[A-Za-z)\]}])\d+)|(?P<charge>(?<=[A-Za-z\d)\]])[+-](?=\s|$))"
    r"|(?P<element>[A-Z][a-z]?)|(?P<state>\((?:s|l|g|aq)\))|(?P<other>.)",
    re.DOTALL,
)


def to_latex(source: str) -> str:
    """`source`, whose angle brackets are hidden, with LaTeX in the place of each formula of chemistry."""
    return _FORMULA.sub(lambda found: _written_out(found[1]), source) if r"\ce{" in source else source


def _written_out(formula: str) -> str:
    formula = _LABELLED.sub(r" \\xrightarrow{\1} ", formula)
    formula = _GAS.sub(r" \\uparrow ", _SOLID.sub(r" \\downarrow ", formula))
    for arrow, command in _ARROWS:
        formula = formula.replace(arrow, f" {command} ")
    return "{" + " ".join(map(_part, _PART.finditer(formula))) + "}"


def _part(part: re.Match[str]) -> str:
    kind, text = part.lastgroup, part[0]
    if kind == "above":
        return "^{" + text[1:].strip("{}") + "}"
    if kind == "count":
        return f"_{{{text}}}"
    if kind == "charge":
        return f"^{{{text}}}"
    if kind in {"element", "state"}:
        return rf"\text{{{text}}}"
    return text
