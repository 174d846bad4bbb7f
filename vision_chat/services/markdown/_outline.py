"""Places where the top-level elements of a Markdown text begin and end, and which are too much to render.

Elements are cut at their ends: each takes the empty lines and link definitions before it along. So a line
that directly follows a definition, and is therefore no list or code, is no list or code on its own either.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from vision_chat.services.markdown import _formulas
from vision_chat.services.markdown._parser import PARSER, hide_tags

MAX_DEPTH = 32
MAX_BLOCK = 32_768
MAX_LINE = 8_192
MAX_MARKS = 5_000
MAX_CELLS = 5_000
MAX_DETAILS = 16_384
MAX_DETAILS_DEPTH = 8
_MARKS = "*_`~|<[$\n"
_HTML_PER_MARK = 20
_HTML_PER_FORMULA_CHARACTER = 25


@dataclass(frozen=True, slots=True)
class Piece:
    """One top-level element: `text[start:end]`, with the link definitions before it.

    `is_held`: it waits for the end of a formula or of <details>, or has been put together for one.
    """

    start: int
    end: int
    is_fence: bool = False
    is_table: bool = False
    is_held: bool = False
    is_excessive: bool = False


def split(text: str, *, is_final: bool = False, has_open_line: bool = False) -> list[Piece]:
    """The elements of `text`, of which only the last may be excessive: nothing after it is looked at.

    With `is_final` nothing is left waiting for an end that will not come. With `has_open_line` no end is
    certain yet, else that of the last element is not: two more lines may make a table of its last ones.
    """
    pieces: list[Piece] = []
    elements = list(_elements(text))
    for number, element in enumerate(elements, 1):
        piece = _piece(text, pieces[-1].end if pieces else 0, element)
        if number > 1 and _hides_definition(text, elements[number - 2], element):
            piece = Piece(pieces.pop().start, piece.end)
        is_certain = is_final or not (has_open_line or number == len(elements))
        lines = text[piece.start : piece.end].split("\n")
        if element.is_too_deep or (not piece.is_fence and _is_too_much(lines, is_certain=is_certain)):
            pieces.append(replace(piece, is_excessive=True))
            break
        pieces.append(piece)
    if "$$" in text or r"\[" in text or "<details" in text.lower():
        pieces = _joined(text, pieces, is_final=is_final)
    return pieces


def weight(source: str, *, is_fence: bool = False) -> int:
    """An estimate of the size of an element's HTML, in characters."""
    size = len(source) + sum(map(source.count, _MARKS)) * _HTML_PER_MARK
    if not is_fence and _formulas.might_be_in(source):
        formulas = _formulas.scan(source).formulas
        size += sum(len(formula.whole) for formula in formulas) * _HTML_PER_FORMULA_CHARACTER
    return size


def _piece(text: str, previous: int, element: "_Element") -> Piece:
    start = _first_written_line(text, previous, element.start)
    end = max(_end_of_line(text, element.end), start)
    return Piece(start, end, element.is_fence, element.is_a("Table") and start == element.start)


def _hides_definition(text: str, before: "_Element", element: "_Element") -> bool:
    """Tell if a link definition may stand right before `element`, within what the parser takes for a list.

    The two are then one piece.
    """
    if not before.is_a("List") or "]:" not in text[before.start : before.end]:
        return False
    line_start = text.rfind("\n", 0, element.start) + 1
    return not text[text.rfind("\n", 0, max(0, line_start - 1)) + 1 : line_start].isspace()


def _first_written_line(text: str, previous: int, start: int) -> int:
    """The start of the first line after `previous` that is not empty: that of the element, or before it."""
    gap = text[previous:start]
    if gap.isspace() or not gap:
        return text.rfind("\n", 0, start) + 1
    return previous + len(gap) - len(gap.lstrip("\n"))


def _end_of_line(text: str, end: int) -> int:
    """`end`, without the line breaks before it."""
    while end > 0 and text[end - 1] == "\n":
        end -= 1
    return end


def _is_too_much(lines: list[str], *, is_certain: bool) -> bool:
    if max(map(len, lines)) > MAX_LINE:
        return True
    if not is_certain:
        lines = lines[:-2]
    source = "\n".join(lines)
    if len(source) > MAX_BLOCK or sum(map(source.count, _MARKS)) > MAX_MARKS:
        return True
    return "|" in source and len(lines) * max(line.count("|") for line in lines) > MAX_CELLS


class _Element(NamedTuple):
    start: int
    end: int
    tag: object = None
    is_too_deep: bool = False

    def is_a(self, name: str) -> bool:
        return isinstance(self.tag, dict) and name in self.tag

    @property
    def is_fence(self) -> bool:
        return isinstance(self.tag, dict) and isinstance(self.tag.get("CodeBlock"), dict)


def _elements(text: str) -> Iterator[_Element]:
    """The top-level elements as the parser sees them, ended by the first one that is too deep.

    The rows of a table at the beginning need not be parsed to know that they are its rows, and most of an
    open table is such rows: it would cost more with each one.
    """
    start, end = _rows_of_first_table(text)
    if start == end:
        return _parsed_elements(text)
    rest = _parsed_elements(text[:start] + text[end:])
    return (
        element._replace(start=element.start and element.start + end - start, end=element.end + end - start)
        for element in rest
    )


_HEAD = re.compile(r"\|[^\n]*\n[^\n]*\n")
_ROWS = re.compile(r"(?:\|[| \t]*[^|\s][^\n]*\n)*")


def _rows_of_first_table(text: str) -> tuple[int, int]:
    """Start and end of the complete rows of the table that `text` begins with."""
    head = _HEAD.match(text)
    rows = _ROWS.match(text, head.end()) if head and _is_table(head[0]) else None
    return rows.span() if rows else (0, 0)


@lru_cache(maxsize=64)
def _is_table(head: str) -> bool:
    elements = list(_parsed_elements(head))
    return len(elements) == 1 and elements[0].is_a("Table")


def _parsed_elements(text: str) -> Iterator[_Element]:
    hidden = hide_tags(text)
    place = _Places(hidden)
    depth = start = 0
    first: object = None
    for event, reach in PARSER.events_with_range(hidden):
        if isinstance(event, str):
            if depth == 0:
                yield _Element(place.of(reach["start"]), place.of(reach["end"]))
        elif "Start" in event:
            if depth == 0:
                start, first = place.of(reach["start"]), event["Start"]
            depth += 1
            if depth > MAX_DEPTH and _is_container(event["Start"]):
                yield _Element(start, len(text), first, is_too_deep=True)
                return
        elif "End" in event:
            depth -= 1
            if depth == 0:
                yield _Element(start, place.of(reach["end"]), first)


def _is_container(tag: object) -> bool:
    return tag == "Item" or (isinstance(tag, dict) and ("BlockQuote" in tag or "List" in tag))


class _Places:
    """Makes places in characters of places in bytes, which must be asked for in their order."""

    def __init__(self, text: str) -> None:
        self._data = b"" if text.isascii() else text.encode()
        self._byte = self._character = 0

    def of(self, byte: int) -> int:
        if not self._data:
            return byte
        if byte > self._byte:
            self._character += len(self._data[self._byte : byte].decode())
            self._byte = byte
        return self._character


def _joined(text: str, pieces: list[Piece], *, is_final: bool) -> list[Piece]:
    """The same with those put together that a display formula or <details> holds together.

    Markdown would end either at its first empty line, and a formula at a line that begins with "+".
    """
    joined: list[Piece] = []
    waiting = deque(pieces)
    while waiting:
        piece = waiting.popleft()
        while end := _end_of_hold(text, piece, is_final=is_final):
            others = [other for other in waiting if other.start < end]
            if not others or others[-1].is_excessive:
                break
            piece = Piece(piece.start, others[-1].end)
            for _ in others:
                waiting.popleft()
        joined.append(replace(piece, is_held=end > 0))
    return joined


def _end_of_hold(text: str, piece: Piece, *, is_final: bool) -> int:
    """The end of what belongs to this piece (0: nothing more; the end of the text, while no end is there)."""
    if piece.is_fence or piece.is_excessive:
        return 0
    source = text[piece.start : piece.end]
    held = _held_by_details(text, piece)
    if held is None and ("$$" in source or r"\[" in source):
        held = _held_by_formula(text, piece)
    if held is None:
        return 0
    end, may_still_end = held
    if end == -1:
        return len(text) if may_still_end and not is_final else 0
    return end


_DETAILS = re.compile(r"<(/?)details(?: open)?>", re.IGNORECASE)


def _held_by_details(text: str, piece: Piece) -> tuple[int, bool] | None:
    if not text.startswith("<", piece.start) or text[piece.start : piece.start + 8].lower() != "<details":
        return None
    depth = 0
    for tag in _DETAILS.finditer(text, piece.start, piece.start + MAX_DETAILS):
        if depth == 0 and tag.start() >= piece.end:
            return None
        depth += -1 if tag[1] else 1
        if depth > MAX_DETAILS_DEPTH:
            return None
        if depth == 0 and tag.end() > piece.end:
            return tag.end(), False
    return (-1, len(text) - piece.start < MAX_DETAILS) if depth else None


def _held_by_formula(text: str, piece: Piece) -> tuple[int, bool] | None:
    unclosed = _formulas.scan(text[piece.start : piece.end]).unclosed
    if unclosed == -1:
        return None
    start = piece.start + unclosed
    return _formulas.end_of_display(text, start), len(text) - start < _formulas.MAX_LENGTH + 2
