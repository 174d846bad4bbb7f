"""Incremental decoder of an event stream (text/event-stream): bytes in, the data of its events out.

It works on bytes throughout. A line end is never part of a UTF-8 sequence, so a piece may end inside a
character, and U+2028 inside a JSON string is no line end here (it is one for `str.splitlines`).
"""

from typing import Final

BOM: Final = b"\xef\xbb\xbf"


class EventTooLargeError(ValueError):
    """An event grew past the limit: whatever sends this is not a chat-completion stream."""


class EventStream:
    """Decodes one stream. `feed` each piece as it comes, then call `finish` once.

    An event is given as its data lines joined by line feeds. Other fields mean nothing in a completion.
    """

    def __init__(self, max_event_bytes: int = 4 * 1024 * 1024) -> None:
        self._max_event_bytes = max_event_bytes
        self._line = b""  # the beginning of a line whose end has not come yet
        self._data: list[bytes] = []
        self._size = 0
        self._started = False
        self._after_cr = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes and return the events that they complete."""
        if not self._started:
            piece = self._without_bom(piece)
        return self._take_lines(self._with_line_feeds(piece))

    def finish(self) -> list[bytes]:
        """Return the last event even where its blank line is missing: the stream is over."""
        return self._take_lines(b"\n\n")

    def _without_bom(self, piece: bytes) -> bytes:
        piece, self._line = self._line + piece, b""
        if len(piece) < len(BOM) and BOM.startswith(piece):
            self._line = piece
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

    def _take_lines(self, piece: bytes) -> list[bytes]:
        lines = (self._line + piece).split(b"\n")
        self._line = lines.pop()
        events = [event for line in lines if (event := self._take_line(line)) is not None]
        if self._size + len(self._line) > self._max_event_bytes:
            raise EventTooLargeError(f"an event is larger than {self._max_event_bytes} bytes")
        return events

    def _take_line(self, line: bytes) -> bytes | None:
        """Return the event that this line ends, which a blank one does."""
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data) if data else None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        return None
