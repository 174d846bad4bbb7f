"""Where formulas begin and end.

They are found before the Markdown parser runs and hidden from it (`_spans`), because it would read
their underscores and line starts as its own, takes `\\(` and `\\[` for escaped brackets, and finds formulas
in prices.
"""

import re
from typing import NamedTuple

from vision_chat.services.markdown._lines import EMPTY_LINE, LINE_START, is_of_word

MAX_LENGTH = 2000

ENVIRONMENTS = (
    *("align", "alignat", "aligned", "alignedat", "array", "Bmatrix", "bmatrix", "cases", "dcases"),
    *("displaymath", "eqnarray", "equation", "flalign", "gather", "gathered", "math", "matrix", "multline"),
    *("multlined", "pmatrix", "smallmatrix", "split", "Vmatrix", "vmatrix"),
)
OPENER = rf"\\[(\[]|\$\$?|\\(?:boxed|ce)\{{|\\begin\{{(?:{'|'.join(ENVIRONMENTS)})\*?\}}"
"""Beginnings of a formula, as an expression."""

_BEGINNINGS = (r"\(", r"\[", r"\begin", r"\boxed{", r"\ce{")
_AT_LINE_START = re.compile(LINE_START + r"\Z", re.MULTILINE)
_CLOSERS = {r"\(": r"\)", r"\[": r"\]", "$": "$", "$$": "$$"}
_QUOTE = re.compile(r"\n[ \t]*>[ \t>]*")
_SURE = re.compile(r"[A-Za-z]|\\[A-Za-z][^/]*")
_NEXT_DOLLAR = re.compile(r"(?<!\\)\$|\n")
_PRICE = re.compile(r"\d[\d.,]*(?:\s+[A-Za-z]{2,}|\s*[-\u2010-\u2015~]\s*\d[\d.,]*\Z)")


class Formula(NamedTuple):
    """One formula. `source` is the text between its delimiters, `whole` has them too."""

    start: int
    end: int
    source: str
    whole: str
    is_display: bool


def might_be_in(text: str) -> bool:
    """Tell if there is anything at all in `text` that could begin a formula."""
    return "$" in text or ("\\" in text and any(map(text.__contains__, _BEGINNINGS)))


def may_hold(text: str) -> bool:
    """Tell if there may be a formula in `text` that holds together what Markdown would part."""
    return "$$" in text or r"\[" in text or r"\begin{" in text


def formula_at(text: str, start: int, inside: int) -> Formula | None:
    """The formula whose opener is `text[start:inside]`, if it has an end."""
    opener = text[start:inside]
    if opener.endswith("{"):
        return _bare_command(text, start, inside)
    end = _dollar_end(text, start, inside) if opener == "$" else _delimited_end(text, opener, inside)
    if end == -1:
        return None
    after = end + len(closer_of(opener))
    source = text[start:after] if is_environment(opener) else text[inside:end]
    if "\n" in source and text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith(">"):
        source = _QUOTE.sub("\n", source)
    return Formula(start, after, source.strip(), text[start:after], is_display(opener))


def _bare_command(text: str, start: int, inside: int) -> Formula | None:
    r"""The formula of a command that stands in a sentence without dollars, such as `\boxed{42}`."""
    depth = 1
    for place in range(inside, min(len(text), inside + MAX_LENGTH)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if text[place] == "\n":
            return None
        if depth == 0:
            whole = text[start : place + 1]
            return Formula(start, place + 1, whole, whole, is_display=False)
    return None


def is_environment(opener: str) -> bool:
    """Tell if `opener` begins an environment, which is part of the formula."""
    return opener.startswith(r"\begin")


def is_display(opener: str) -> bool:
    """Tell if what begins with `opener` stands on lines of its own."""
    return opener in {"$$", r"\["} or is_environment(opener)


def closer_of(opener: str) -> str:
    """The text that ends what `opener` begins."""
    return opener.replace(r"\begin", r"\end") if is_environment(opener) else _CLOSERS[opener]


def is_unclosed_display(text: str, start: int, inside: int) -> bool:
    """Tell if a display formula begins a line at `start` that may get its end yet."""
    opener = text[start:inside]
    if not is_display(opener) or len(text) - inside > MAX_LENGTH or end_of_display(text, start, inside) != -1:
        return False
    line_start = text.rfind("\n", 0, start) + 1
    return _AT_LINE_START.match(text[line_start:start]) is not None


def end_of_display(text: str, start: int, inside: int) -> int:
    """The end of the display formula whose opener is `text[start:inside]`, or -1."""
    closer = closer_of(text[start:inside])
    end = text.find(closer, inside, inside + MAX_LENGTH)
    return -1 if end == -1 else end + len(closer)


def _delimited_end(text: str, opener: str, inside: int) -> int:
    end = text.find(closer_of(opener), inside, inside + MAX_LENGTH)
    if end == -1 or not text[inside:end].strip():
        return -1
    return -1 if opener == r"\(" and EMPTY_LINE.search(text, inside, end) else end


def _dollar_end(text: str, start: int, inside: int) -> int:
    """A single dollar opens a formula only where a price or a shell variable would not stand."""
    before = text[start - 1 : start]
    if is_of_word(before) or before == "$" or text[inside : inside + 1].isspace():
        return -1
    closer = _NEXT_DOLLAR.search(text, inside, inside + MAX_LENGTH)
    if closer is None or closer[0] == "\n" or text[closer.start() - 1].isspace():
        return -1
    after = text[closer.end() : closer.end() + 1]
    is_sure = _SURE.fullmatch(text, inside, closer.start()) is not None  # as in "$n$th"
    if after == "$" or (is_of_word(after) and not is_sure) or _PRICE.match(text, inside, closer.start()):
        return -1
    return closer.start()
