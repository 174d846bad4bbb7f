"""Incremental decoder of the lines of an event stream (text/event-stream): bytes in, fields out.

Endpoints keep less of the format than its specification, so that lines of nothing but JSON are given too, and
it is for the reader to say where an event ends. It works on bytes throughout: a line end is never part of a
UTF-8 sequence, so a piece may end inside a character, and U+2028 inside a JSON string is no line end here (it
is one for `str.splitlines`).
"""

import re
from enum import Enum
from typing import Final, NamedTuple

BOM: Final = b"\xef\xbb\xbf"


class LineTooLongError(ValueError):
    """A line grew past the limit: whatever sends this is not a chat-completion stream."""


class Kind(Enum):
    """The kind of a line. Comments are nothing, nor are `id:` and `retry:`."""

    DATA = b"data"
    ERROR = b"error"  # no field of the specification; llama.cpp sends it
    EVENT = b"event"
    BARE = b""  # of no field: JSON without `data:`
    BLANK = b"\n"


class Line(NamedTuple):
    kind: Kind
    value: bytes = b""


_BLANK: Final = Line(Kind.BLANK)
_BLANK_LINES: Final = re.compile(rb"\n{3,}")
_FIELDS: Final = {kind.value: kind for kind in (Kind.DATA, Kind.ERROR, Kind.EVENT)}
_MEANINGLESS: Final = frozenset({b"", b"id", b"retry"})
_MAX_NAME: Final = 10
"""Bytes among which the colon after a known name stands."""


class LineStream:
    """Decodes one stream. `feed` each piece as it comes, then call `finish` once."""

    def __init__(self, max_line_bytes: int) -> None:
        self.consumed = 0
        """Bytes of the lines that have ended."""
        self._max_line_bytes = max_line_bytes
        self._line = bytearray()  # the beginning of a line whose end has not come yet
        self._started = False
        self._after_cr = False

    def feed(self, piece: bytes) -> list[Line]:
        """Take the next bytes and return the lines that they complete. Raises LineTooLongError."""
        if not self._started:
            piece = self._without_bom(piece)
        return self._take(self._with_line_feeds(piece))

    def finish(self) -> list[Line]:
        """Return the last line even where its end is missing: the stream is over."""
        return self._take(b"\n\n")

    def _without_bom(self, piece: bytes) -> bytes:
        piece, self._line = bytes(self._line) + piece, bytearray()
        if len(piece) < len(BOM) and BOM.startswith(piece):
            self._line += piece
            return b""
        self._started = True
        return piece.removeprefix(BOM)

    def _with_line_feeds(self, piece: bytes) -> bytes:
        """Return `piece` with line feeds only. A CR counts at once, so an LF after it is dropped."""
        if self._after_cr and piece:
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return piece

    def _take(self, piece: bytes) -> list[Line]:
        beginning, line_feed, rest = piece.partition(b"\n")
        self._line += beginning
        if not line_feed:
            self._check_length()
            return []
        first = bytes(self._line)
        # many blank lines are as good as one, and a flood of them costs nothing this way
        *others, last = _BLANK_LINES.sub(b"\n\n", rest).split(b"\n")
        self.consumed += len(first) + 1 + len(rest) - len(last)
        self._line = bytearray(last)
        lines = (_line(raw) for raw in (first, *others))
        return [line for line in lines if line is not None]

    def _check_length(self) -> None:
        if len(self._line) > self._max_line_bytes:
            raise LineTooLongError(f"a line is longer than {self._max_line_bytes} bytes")


def _line(raw: bytes) -> Line | None:
    if not raw or raw.isspace():
        return _BLANK
    colon = raw.find(b":", 0, _MAX_NAME)
    name = raw if colon < 0 else raw[:colon]
    if (kind := _FIELDS.get(name)) is not None:
        # one copy of what may be megabytes
        return Line(kind, raw[colon + 1 + raw.startswith(b" ", colon + 1) :] if colon >= 0 else b"")
    return None if name in _MEANINGLESS else Line(Kind.BARE, raw)
