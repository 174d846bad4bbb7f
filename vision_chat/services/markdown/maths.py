"""Formulas: where they stand in Markdown, and their MathML.

Formulas are found before the Markdown parser runs and hidden from it behind placeholders, because it
would read their underscores and line starts as its own, takes `\\(` and `\\[` for escaped brackets, and
finds formulas in prices.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from latex2mathml.converter import convert

MAX_LENGTH = 2000
MAX_DEPTH = 40
MAX_MARKS = 1000

# The character that stands for "<" in hidden text (see block_html).
HIDDEN_LESS_THAN = "\x02"

_LINE_START = r"^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*"
_MARK = re.compile(
    rf"(?P<fence>{_LINE_START}(?:`{{3,}}(?=[^`\n]*$)|~{{3,}}))"
    r"|(?P<ticks>`+)"
    r"|(?P<opener>\\[(\[]|\$\$?)"
    r"|\\.|https?://[^\s<>]*",
    re.MULTILINE,
)
_AT_LINE_START = re.compile(_LINE_START + r"\Z", re.MULTILINE)
_CLOSERS = {r"\(": r"\)", r"\[": r"\]", "$$": "$$"}
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_NEXT_DOLLAR = re.compile(r"(?<!\\)\$|\n")
_PRICE = re.compile(r"\d[\d.,]*\s+[A-Za-z]{2,}")


class Formula(NamedTuple):
    """One formula. `source` is the text between its delimiters, `whole` has them too."""

    start: int
    end: int
    source: str
    whole: str
    is_display: bool


def might_be_in(text: str) -> bool:
    """Whether there is anything at all in `text` that could begin a formula."""
    return "$" in text or r"\(" in text or r"\[" in text


class Scan(NamedTuple):
    """The formulas of a text, and where a display formula begins that has no end yet (or -1)."""

    formulas: list[Formula]
    unclosed: int


def scan(text: str) -> Scan:
    """Find the formulas in the Markdown `text`, passing over code and addresses.

    None in a text with more marks than a person would write: each mark is looked for to its end.
    """
    formulas: list[Formula] = []
    position = 0
    if text.count("$") + text.count(r"\(") + text.count(r"\[") + text.count("`") > MAX_MARKS:
        return Scan(formulas, -1)
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark.lastgroup == "fence":
            position = _end_of_fence(text, mark)
        elif mark.lastgroup == "ticks":
            position = _end_of_code(text, mark)
        elif mark.lastgroup == "opener":
            formula = _formula_at(text, mark.start(), mark.end())
            if formula is not None:
                formulas.append(formula)
                position = formula.end
            elif _is_unclosed_display(text, mark):
                return Scan(formulas, mark.start())
    return Scan(formulas, -1)


def _end_of_fence(text: str, mark: re.Match[str]) -> int:
    fence = mark[0].lstrip(" \t>-*+0123456789.)")
    closing = re.compile(rf"^[ \t>]*{fence}{fence[0]}*[ \t]*$", re.MULTILINE).search(text, mark.end())
    return closing.end() if closing else len(text)


def _end_of_code(text: str, mark: re.Match[str]) -> int:
    ticks = mark[0]
    end = text.find(ticks, mark.end())
    while end != -1:
        after = end + len(ticks)
        run_goes_on = text.startswith("`", after)
        if not run_goes_on and text[end - 1] != "`":
            return mark.end() if _BLANK_LINE.search(text, mark.end(), end) else after
        end = text.find(ticks, after + run_goes_on)
    return mark.end()


def _formula_at(text: str, start: int, inside: int) -> Formula | None:
    opener = text[start:inside]
    end = _dollar_end(text, start, inside) if opener == "$" else _delimited_end(text, opener, inside)
    if end == -1:
        return None
    after = end + len(opener)
    is_display = opener in {"$$", r"\["}
    return Formula(start, after, text[inside:end].strip(), text[start:after], is_display)


def _delimited_end(text: str, opener: str, inside: int) -> int:
    closer = _CLOSERS[opener]
    end = text.find(closer, inside, inside + MAX_LENGTH)
    if end == -1 or not text[inside:end].strip():
        return -1
    return -1 if opener == r"\(" and _BLANK_LINE.search(text, inside, end) else end


def _dollar_end(text: str, start: int, inside: int) -> int:
    """A single dollar opens a formula only where a price or a shell variable would not stand."""
    before = text[start - 1 : start]
    if before.isalnum() or before == "$" or text[inside : inside + 1].isspace():
        return -1
    closer = _NEXT_DOLLAR.search(text, inside, inside + MAX_LENGTH)
    if closer is None or closer[0] == "\n" or text[closer.start() - 1].isspace():
        return -1
    after = text[closer.end() : closer.end() + 1]
    if after.isalnum() or after == "$" or _PRICE.match(text, inside, closer.start()):
        return -1
    return closer.start()


def _is_unclosed_display(text: str, mark: re.Match[str]) -> bool:
    is_display = mark[0] in {"$$", r"\["}
    if not is_display or len(text) - mark.end() > MAX_LENGTH or end_of_display(text, mark.start()) != -1:
        return False
    line_start = text.rfind("\n", 0, mark.start()) + 1
    return _AT_LINE_START.match(text[line_start : mark.start()]) is not None


def end_of_display(text: str, start: int) -> int:
    """Where the display formula that begins at `start` ends, or -1."""
    opener = text[start : start + 2]
    closer = _CLOSERS[opener]
    end = text.find(closer, start + 2, start + 2 + MAX_LENGTH)
    return -1 if end == -1 else end + 2


_UNKNOWN_COMMAND = re.compile(r"<mi>\\[A-Za-z]")
_ENVIRONMENTS = re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered|gather\*?|equation\*?)\}")


def to_html(formula: Formula) -> str:
    """The formula as MathML, or as its source where that cannot be made."""
    kind = "math-display" if formula.is_display else "math-inline"
    mathml = _mathml(formula.source, formula.is_display)
    if mathml is None:
        return f'<span class="math {kind} math-source">{escape_source(formula.whole)}</span>'
    return f'<span class="math {kind}">{mathml}</span>'


def escape_source(source: str) -> str:
    """Hidden or plain formula source as HTML text."""
    text = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace(HIDDEN_LESS_THAN, "&lt;")


@lru_cache(maxsize=512)
def _mathml(source: str, is_display: bool) -> str | None:  # noqa: FBT001 (the cache wants positions)
    if _depth(source) > MAX_DEPTH:
        return None
    # The converter copies the text of \text{} into its result as it is; the hidden sign survives that.
    latex = _ENVIRONMENTS.sub(r"\\\1{split}", source.replace("<", HIDDEN_LESS_THAN))
    try:
        mathml = convert(latex, display="block" if is_display else "inline")
    except Exception:  # noqa: BLE001 (on bad input the converter also fails with KeyError, IndexError ...)
        return None
    if _UNKNOWN_COMMAND.search(mathml):
        return None
    mathml = mathml.replace(f"<mi>{HIDDEN_LESS_THAN}</mi>", "<mo>&lt;</mo>")
    return mathml.replace(HIDDEN_LESS_THAN, "&lt;")


def _depth(source: str) -> int:
    depth = deepest = 0
    for character in source:
        if character == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif character == "}":
            depth -= 1
    return max(deepest, source.count(r"\left"), source.count(r"\begin"))
