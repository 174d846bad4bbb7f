"""Places where the top-level elements of a Markdown text begin and end.

Elements are cut at their ends: each takes the empty lines and link definitions before it along. So a line
that directly follows a definition, and is therefore no list or code, is no list or code on its own either.
An element that is too much to render (`_limits`) ends at the next empty line, and Markdown begins anew there.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from vision_chat.services.markdown import _holds, _limits
from vision_chat.services.markdown._fences import end_of_markdown
from vision_chat.services.markdown._lines import EMPTY_LINE
from vision_chat.services.markdown._parser import PARSER, hide


@dataclass(frozen=True, slots=True)
class Piece:
    """One top-level element: `text[start:end]`, with the link definitions before it.

    `is_held`: it waits for the end of a formula or of a tag, or has been put together for one.
    `is_excessive`: it is too much to render. Where no empty line ends it yet, it is the last.
    """

    start: int
    end: int
    is_fence: bool = False
    is_table: bool = False
    is_held: bool = False
    is_excessive: bool = False

    def moved(self, distance: int) -> "Piece":
        """The piece in a text that has so many more characters before it."""
        return replace(self, start=self.start + distance, end=self.end + distance)


def split(text: str, *, is_final: bool = False, has_open_line: bool = False) -> list[Piece]:
    """The elements of `text`.

    With `is_final` nothing is left waiting for an end that will not come. With `has_open_line` no end is
    certain yet, else that of the last element is not: two more lines may make a table of its last ones.
    """
    pieces: list[Piece] = []
    position = 0
    while position < len(text):
        found, is_all = _split(text[position:], is_final=is_final, has_open_line=has_open_line)
        pieces += [piece.moved(position) for piece in found] if position else found
        position = len(text) if is_all else pieces[-1].end
    return pieces


def _split(text: str, *, is_final: bool, has_open_line: bool) -> tuple[list[Piece], bool]:
    """The elements of `text`, up to the first that ends elsewhere than the parser says; are they all?"""
    pieces: list[Piece] = []
    is_all = True
    elements = list(_elements(text))
    for number, element in enumerate(elements, 1):
        piece = _piece(text, pieces[-1].end if pieces else 0, element)
        if number > 1 and _hides_definition(text, elements[number - 2], element):
            piece = Piece(pieces.pop().start, piece.end)
        is_certain = is_final or not (has_open_line or number == len(elements))
        excess = _place_of_excess(text, piece, element, is_certain=is_certain)
        if excess != -1:
            empty_line = EMPTY_LINE.search(text, excess)
            end = empty_line.start() if empty_line else len(text)
            pieces.append(Piece(piece.start, end, is_excessive=True))
            is_all = False
            break
        pieces.append(piece)
        end = end_of_markdown(text, piece.start) if piece.is_fence else -1
        if end > piece.end:
            pieces[-1] = replace(piece, end=end)
            is_all = False
            break
    return (_joined(text, pieces, is_final=is_final) if _holds.may_be_in(text) else pieces), is_all


def _place_of_excess(text: str, piece: Piece, element: "_Element", *, is_certain: bool) -> int:
    if element.excess != -1:
        return max(element.excess, piece.start)
    if piece.is_fence:
        return -1
    source = text[piece.start : piece.end]
    place = _limits.place_of_excess(source, is_table=piece.is_table, is_certain=is_certain)
    return place if place == -1 else piece.start + place


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


class _Element(NamedTuple):
    start: int
    end: int
    tag: object = None
    excess: int = -1
    """Where it becomes too deep."""

    def is_a(self, name: str) -> bool:
        return isinstance(self.tag, dict) and name in self.tag

    def moved(self, distance: int) -> "_Element":
        """The element where so many more characters are in its beginning, or before it."""
        excess = self.excess if self.excess == -1 else self.excess + distance
        return self._replace(
            start=self.start and self.start + distance, end=self.end + distance, excess=excess
        )

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
    return (element.moved(end - start) for element in rest)


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
    hidden = hide(text)
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
            if depth > _limits.MAX_DEPTH and _is_container(event["Start"]):
                yield _Element(start, len(text), first, excess=place.of(reach["start"]))
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
    """The same with those put together that a display formula or a tag holds together.

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
    if piece.is_fence or piece.is_excessive:
        return 0
    return _holds.end_of_hold(text, piece.start, piece.end, is_final=is_final)
