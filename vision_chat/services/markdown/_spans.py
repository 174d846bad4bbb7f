"""Spans of a block that are found before the Markdown parser runs, and hidden from it behind placeholders.

Formulas, bare addresses and comments: the parser would read their signs as its own. Code is passed over, and
so are links and tags, whose addresses are the parser's.
"""

import re
from typing import NamedTuple

from vision_chat.services import addresses
from vision_chat.services.markdown import _formulas
from vision_chat.services.markdown._formulas import Formula
from vision_chat.services.markdown._lines import EMPTY_LINE, LINE_START
from vision_chat.services.markdown._stand_ins import AFTER_NUMBER, BEFORE_NUMBER, LESS_THAN

MAX_MARKS = 1000
MAX_COMMENT = 16_384
"""Characters after which a comment without an end is text."""

PLACEHOLDER = re.compile(f"{BEFORE_NUMBER}([0-9]+){AFTER_NUMBER}")

_OPENER = re.compile(_formulas.OPENER)
_MARK = re.compile(
    rf"(?P<fence>{LINE_START}(?:`{{3,}}(?=[^`\n]*$)|~{{3,}}))"
    r"|(?P<ticks>`+)"
    rf"|(?P<opener>{_formulas.OPENER})"
    r"|\\."
    rf"|(?P<comment>{LESS_THAN}!--)"
    r"|<[^<>\n]*>|\]\((?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)|\]:[ \t]*https?://\S+"
    rf"|(?P<web>{addresses.WEB})|(?P<mail>{addresses.MAIL})",
    re.MULTILINE,
)


class Address(NamedTuple):
    """A bare address, as it was written."""

    start: int
    end: int
    whole: str


class Comment(NamedTuple):
    """A comment of HTML. It is not shown."""

    start: int
    end: int
    whole: str


Span = Formula | Address | Comment


class Scan(NamedTuple):
    """The spans of a text, and where the first formula or comment begins that has no end yet (or -1)."""

    spans: list[Span]
    unclosed: int = -1


def scan(text: str) -> Scan:
    """Find the spans in `text`, a block whose tags are hidden where they are text.

    None in a text with more marks than a person would write: each mark is looked for to its end.
    """
    spans: list[Span] = []
    unclosed = -1
    if not _might_be_in(text) or _marks(text) > MAX_MARKS:
        return Scan(spans)
    position = 0
    while mark := _MARK.search(text, position):
        position = mark.end()
        kind = mark.lastgroup
        if kind == "fence":
            position = _end_of_fence(text, mark)
        elif kind == "ticks":
            position = _end_of_code(text, mark)
        elif kind is not None:
            span = _span_at(text, mark)
            if span is not None:
                spans.append(span)
                position = span.end
            elif unclosed == -1 and _is_unclosed(text, mark):
                unclosed = mark.start()
    return Scan(spans, unclosed)


def open_span(text: str, start: int) -> Span:
    """The span that begins at `start` and goes on to the end, as its end may yet come."""
    if text.startswith(LESS_THAN, start):
        return Comment(start, len(text), text[start:])
    return Formula(start, len(text), "", text[start:], is_display=True)


def with_placeholders(text: str, spans: list[Span]) -> str:
    """`text` with a placeholder in the place of each span."""
    parts: list[str] = []
    position = 0
    for number, span in enumerate(spans):
        parts += (text[position : span.start], f"{BEFORE_NUMBER}{number}{AFTER_NUMBER}")
        position = span.end
    return "".join((*parts, text[position:]))


def formulas_in(text: str) -> list[Formula]:
    """The formulas among the spans of `text`."""
    return [span for span in scan(text).spans if isinstance(span, Formula)]


def opener_at(text: str, start: int) -> re.Match[str] | None:
    """The opener of a formula at `start`, if one is there."""
    return _OPENER.match(text, start)


def _might_be_in(text: str) -> bool:
    return _formulas.might_be_in(text) or addresses.begins_in(text) or f"{LESS_THAN}!--" in text


def _marks(text: str) -> int:
    return sum(map(text.count, ("$", r"\(", r"\[", "`", r"\begin", "!--")))


def _span_at(text: str, mark: re.Match[str]) -> Span | None:
    if mark.lastgroup == "opener":
        return _formulas.formula_at(text, *mark.span())
    if mark.lastgroup == "comment":
        end = text.find("-->", mark.end(), mark.end() + MAX_COMMENT)
        return None if end == -1 else Comment(mark.start(), end + 3, text[mark.start() : end + 3])
    address = addresses.trimmed(mark[0])
    return Address(mark.start(), mark.start() + len(address), address) if address else None


def _is_unclosed(text: str, mark: re.Match[str]) -> bool:
    if mark.lastgroup == "comment":
        return len(text) - mark.end() <= MAX_COMMENT
    return mark.lastgroup == "opener" and _formulas.is_unclosed_display(text, *mark.span())


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
            return mark.end() if EMPTY_LINE.search(text, mark.end(), end) else after
        end = text.find(ticks, after + run_goes_on)
    return mark.end()
