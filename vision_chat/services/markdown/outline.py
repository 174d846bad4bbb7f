"""Where the top-level elements of a Markdown text begin and end, and which are too much to render."""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from vision_chat.services.markdown import maths
from vision_chat.services.markdown.block_html import PARSER, hide_tags

MAX_DEPTH = 32
MAX_EVENTS = 5_000
MAX_BLOCK = 32_768
MAX_DETAILS = 16_384
MAX_DETAILS_DEPTH = 8
_MARKS = "*_`~|>#[!+-\n"
_HTML_PER_MARK = 16
_HTML_PER_FORMULA_CHARACTER = 25


class Piece(NamedTuple):
    """One top-level element: `source` stands at `start`, where its first line begins.

    `depth` and `events` are what the parser made of it; both only grow slowly with what is added.
    """

    start: int
    source: str
    depth: int
    events: int
    is_fence: bool = False
    may_be_paragraph: bool = False
    is_excessive: bool = False


def split(text: str, *, is_final: bool) -> list[Piece]:
    """The elements of `text`, of which only the last may be excessive: nothing after it is looked at.

    With `is_final` nothing is left waiting for an end that will not come.
    """
    pieces = list(_pieces(text))
    if "$$" in text or r"\[" in text or "<details" in text.lower():
        pieces = _joined(text, pieces, is_final=is_final)
    for index, piece in enumerate(pieces):
        if not piece.is_fence and len(piece.source) > MAX_BLOCK:
            return [*pieces[:index], piece._replace(is_excessive=True)]
    return pieces


def first_open(text: str, pieces: list[Piece]) -> int:
    """The number of the last piece, or of the one before it that can be cut off from what precedes it."""
    number = max(len(pieces) - 1, 0)
    while number > 0 and not _stands_alone(text, pieces[number]):
        number -= 1
    return number


def start_of_open_text(text: str, pieces: list[Piece]) -> int:
    """Where the text of `pieces` begins, or 0 where they need what precedes them.

    Where there are none, all up to the last empty line is link definitions that have ended.
    """
    if not pieces:
        return text.rfind("\n\n") + 2 if "\n\n" in text else 0
    return pieces[0].start if _stands_alone(text, pieces[0]) else 0


def _stands_alone(text: str, piece: Piece) -> bool:
    """Whether it would be the same without the text before it.

    Lines that directly follow a link definition are a paragraph, whatever they might be elsewhere.
    """
    if not piece.may_be_paragraph or "]:" not in text[: piece.start]:
        return True
    line_before = text[text.rfind("\n", 0, piece.start - 1) + 1 : piece.start]
    return line_before.isspace()


def weight(source: str, *, is_fence: bool = False) -> int:
    """An estimate of the size of an element's HTML."""
    size = len(source) + sum(map(source.count, _MARKS)) * _HTML_PER_MARK
    if not is_fence and maths.might_be_in(source):
        formulas = maths.scan(source).formulas
        size += sum(len(formula.whole) for formula in formulas) * _HTML_PER_FORMULA_CHARACTER
    return size


def _pieces(text: str) -> Iterator[Piece]:
    hidden = hide_tags(text)
    spans = _spans(hidden)
    if not text.isascii():
        spans = _in_characters(hidden.encode(), spans)
    for span in spans:
        start = text.rfind("\n", 0, span.start) + 1
        end = len(text) if span.is_excessive else span.end
        source = text[start:end].rstrip("\n")
        yield Piece(
            start, source, span.depth, span.events, span.is_fence, span.may_be_paragraph, span.is_excessive
        )


class _Span(NamedTuple):
    start: int
    end: int
    depth: int
    events: int
    is_fence: bool = False
    may_be_paragraph: bool = False
    is_excessive: bool = False


def _spans(hidden: str) -> Iterator[_Span]:
    """The ranges of the top-level elements in bytes, ended by the first one that is excessive."""
    depth = deepest = events = start = 0
    is_fence = may_be_paragraph = False
    for event, reach in PARSER.events_with_range(hidden):
        events += 1
        if isinstance(event, str):
            if depth == 0:
                yield _Span(reach["start"], reach["end"], 1, 1)
        elif "Start" in event:
            if depth == 0:
                start, deepest, events = reach["start"], 0, 0
                is_fence, may_be_paragraph = _is_fence(event["Start"]), _may_be_paragraph(event["Start"])
            depth += 1
            deepest = max(deepest, depth)
        elif "End" in event:
            depth -= 1
            if depth == 0:
                yield _Span(start, reach["end"], deepest, events, is_fence, may_be_paragraph)
                events = 0
        if depth > MAX_DEPTH or (events > MAX_EVENTS and not is_fence):
            yield _Span(start, 0, deepest, events, is_fence, is_excessive=True)
            return


def _is_fence(tag: object) -> bool:
    return isinstance(tag, dict) and isinstance(tag.get("CodeBlock"), dict)


def _may_be_paragraph(tag: object) -> bool:
    """A heading may be one with a line under it."""
    return tag == "Paragraph" or (isinstance(tag, dict) and "Heading" in tag)


def _in_characters(data: bytes, spans: Iterator[_Span]) -> Iterator[_Span]:
    byte = character = 0
    for span in spans:
        start = character + len(data[byte : span.start].decode())
        if span.is_excessive:
            yield span._replace(start=start)
            return
        byte, character = span.end, start + len(data[span.start : span.end].decode())
        yield span._replace(start=start, end=character)


def _joined(text: str, pieces: list[Piece], *, is_final: bool) -> list[Piece]:
    """The same with those put together that a display formula or <details> holds together.

    Markdown would end either at its first empty line, and a formula at a line that begins with "+".
    """
    joined: list[Piece] = []
    waiting = deque(pieces)
    while waiting:
        together = [waiting.popleft()]
        while waiting and waiting[0].start < (end := _end_of_hold(text, together[0], is_final=is_final)):
            while waiting and waiting[0].start < end:
                together.append(waiting.popleft())
            together = [_merged(text, together)]
        joined += together
    return joined


def _merged(text: str, pieces: list[Piece]) -> Piece:
    first, last = pieces[0], pieces[-1]
    return Piece(
        first.start,
        text[first.start : last.start + len(last.source)],
        max(piece.depth for piece in pieces),
        sum(piece.events for piece in pieces),
        may_be_paragraph=first.may_be_paragraph,
        is_excessive=last.is_excessive,
    )


def _end_of_hold(text: str, piece: Piece, *, is_final: bool) -> int:
    """Up to where what follows belongs to this piece (0: nowhere; all of it, while no end is there)."""
    if piece.is_fence:
        return 0
    held = _held_by_details(text, piece)
    if held is None:
        held = _held_by_formula(text, piece)
    if held is None:
        return 0
    end, may_still_end = held
    if end == -1:
        return len(text) if may_still_end and not is_final else 0
    return end


_DETAILS = re.compile(r"<(/?)details(?: open)?>", re.IGNORECASE)


def _held_by_details(text: str, piece: Piece) -> tuple[int, bool] | None:
    if piece.source.lstrip()[:8].lower() != "<details":
        return None
    depth = 0
    piece_end = piece.start + len(piece.source)
    for tag in _DETAILS.finditer(text, piece.start, piece.start + MAX_DETAILS):
        if depth == 0 and tag.start() >= piece_end:
            return None
        depth += -1 if tag[1] else 1
        if depth > MAX_DETAILS_DEPTH:
            return None
        if depth == 0 and tag.end() > piece_end:
            return tag.end(), False
    return (-1, len(text) - piece.start < MAX_DETAILS) if depth else None


def _held_by_formula(text: str, piece: Piece) -> tuple[int, bool] | None:
    if "$$" not in piece.source and r"\[" not in piece.source:
        return None
    unclosed = maths.scan(piece.source).unclosed
    if unclosed == -1:
        return None
    start = piece.start + unclosed
    return maths.end_of_display(text, start), len(text) - start < maths.MAX_LENGTH + 2
