"""Formulas as MathML, or as their source if that cannot be made."""

import re
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import unescape

from latex2mathml.converter import convert_to_element

from vision_chat.services.markdown import _chemistry
from vision_chat.services.markdown._formulas import Formula
from vision_chat.services.markdown._stand_ins import LESS_THAN, restored

MAX_DEPTH = 40

_BELOW = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_LIMITS = frozenset(
    {
        *("lim", "lim&#x02006;sup", "lim&#x02006;inf", "max", "min", "sup", "inf", "argmax", "argmin"),
        # the coproduct, and the large operators of logic and sets, also in circles
        *(f"&#x0{code:X};" for code in (0x2210, *range(0x22C0, 0x22C4), *range(0x2A00, 0x2A07))),
    }
)

_UNKNOWN_COMMAND = re.compile(r"<mi>\\[A-Za-z]")
# The converter knows fewer environments, numbers lines, and takes labels for text.
_REWRITTEN = (
    (re.compile(r"\\label\{[^{}]*\}|\\(?:nonumber|notag)\b"), ""),
    (re.compile(r"\\tag\*?\{([^{}]*)\}"), r"\\qquad\\text{(\1)}"),
    (re.compile(r"\\begin\{(?:alignat|alignedat)\*?\}\s*\{\d+\}"), r"\\begin{align*}"),
    (re.compile(r"\\begin\{(aligned|gathered|multlined)\}\s*\[[tbc]\]"), r"\\begin{\1}"),
    (re.compile(r"\\(begin|end)\{(?:align(?:at|edat|ed)?\*?|flalign\*?)\}"), r"\\\1{align*}"),
    (re.compile(r"\\(?:begin|end)\{(?:equation\*?|math|displaymath)\}"), ""),
    (re.compile(r"\\(begin|end)\{(?:gather(?:ed|\*)?|mult(?:line\*?|lined)|eqnarray\*?)\}"), r"\\\1{matrix}"),
    (re.compile(r"\\(begin|end)\{dcases\*?\}"), r"\\\1{cases}"),
)


def to_html(formula: Formula) -> str:
    """The formula as MathML, or as its source where that cannot be made."""
    kind = "math-display" if formula.is_display else "math-inline"
    mathml = _mathml(formula.source, formula.is_display)
    if mathml is None:
        source = escape(restored(formula.whole), quote=False)
        return f'<span class="math {kind} math-source" dir="ltr">{source}</span>'
    return f'<span class="math {kind}" dir="ltr">{mathml}</span>'


@lru_cache(maxsize=512)
def _mathml(source: str, is_display: bool) -> str | None:  # noqa: FBT001 (the cache wants positions)
    if _depth(source) > MAX_DEPTH:
        return None
    # The converter copies the text of \text{} into its result as it is; the hidden sign survives that.
    latex = _chemistry.to_latex(source.replace("<", LESS_THAN))
    for pattern, replacement in _REWRITTEN:
        latex = pattern.sub(replacement, latex)
    try:
        element = convert_to_element(latex, display="block" if is_display else "inline")
    except Exception:  # noqa: BLE001 (on bad input the converter also fails with KeyError, IndexError ...)
        return None
    _put_limits_below(element)
    mathml = unescape(tostring(element, encoding="unicode"))  # its texts are HTML: "&#x02211;"
    if _UNKNOWN_COMMAND.search(mathml):
        return None
    mathml = mathml.replace(f"<mi>{LESS_THAN}</mi>", "<mo>&lt;</mo>")
    return mathml.replace(LESS_THAN, "&lt;")


def _put_limits_below(formula: Element) -> None:
    """Let what stands beside an operator such as lim stand below and above it, in a formula on its own line.

    The converter does so for sums and products alone.
    """
    for element in formula.iter():
        if element.tag in _BELOW and len(element) and element[0].text in _LIMITS:
            element.tag, element[0].tag = _BELOW[element.tag], "mo"
            element[0].set("movablelimits", "true")


def _depth(source: str) -> int:
    depth = deepest = 0
    for character in source:
        if character == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif character == "}":
            depth -= 1
    return max(deepest, source.count(r"\left"), source.count(r"\begin"))
