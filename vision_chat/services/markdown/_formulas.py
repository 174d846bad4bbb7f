"""The places of formulas in Markdown.

Formulas are found before the Markdown parser runs and hidden from it behind placeholders, because it
would read their underscores and line starts as its own, takes `\\(` and `\\[` for escaped brackets, and
finds formulas in prices.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

MAX_LENGTH = 2000
MAX_MARKS = 1000

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
    """Tell if there is anything at all in `text` that could begin a formula."""
    return "$" in text or r"\(" in text or r"\[" in text


def replaced(text: str, formulas: list[Formula], placeholder: Callable[[int], str]) -> str:
    """`text` with a placeholder, made of its number, in the place of each formula."""
    parts: list[str] = []
    position = 0
    for number, formula in enumerate(formulas):
        parts += (text[position : formula.start], placeholder(number))
        position = formula.end
    return "".join((*parts, text[position:]))


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
    if _is_of_word(before) or before == "$" or text[inside : inside + 1].isspace():
        return -1
    closer = _NEXT_DOLLAR.search(text, inside, inside + MAX_LENGTH)
    if closer is None or closer[0] == "\n" or text[closer.start() - 1].isspace():
        return -1
    after = text[closer.end() : closer.end() + 1]
    if _is_of_word(after) or after == "$" or _PRICE.match(text, inside, closer.start()):
        return -1
    return closer.start()


def _is_of_word(character: str) -> bool:
    """Tell if a dollar beside it belongs to a word. (Chinese and Japanese write formulas without spaces.)"""
    return character.isascii() and character.isalnum()


def _is_unclosed_display(text: str, mark: re.Match[str]) -> bool:
    is_display = mark[0] in {"$$", r"\["}
    if not is_display or len(text) - mark.end() > MAX_LENGTH or end_of_display(text, mark.start()) != -1:
        return False
    line_start = text.rfind("\n", 0, mark.start()) + 1
    return _AT_LINE_START.match(text[line_start : mark.start()]) is not None


def end_of_display(text: str, start: int) -> int:
    """The end of the display formula that begins at `start`, or -1."""
    opener = text[start : start + 2]
    closer = _CLOSERS[opener]
    end = text.find(closer, start + 2, start + 2 + MAX_LENGTH)
    return -1 if end == -1 else end + 2
