"""Incremental decoder of an event stream (text/event-stream): bytes in, events out.

It works on bytes throughout. A line end is never part of a UTF-8 sequence, so a chunk may end inside a
character, and U+2028 inside a JSON string is no line end here (it is one for `str.splitlines`).
"""

from typing import Final, NamedTuple

BOM: Final = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event; `data` holds its data lines joined by line feeds."""

    data: bytes
    type: bytes = b"message"


class EventTooLargeError(ValueError):
    """An event grew past the limit: whatever sends this is not a chat-completion stream."""


class EventStream:
    """Decodes one stream. `feed` each chunk as it comes, then call `finish` once."""

    def __init__(self, max_event_bytes: int = 4 * 1024 * 1024) -> None:
        self._max_event_bytes = max_event_bytes
        self._line = b""  # the beginning of a line whose end has not come yet
        self._data: list[bytes] = []
        self._size = 0
        self._type = b""
        self._started = False
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes and give the events that they complete."""
        data = self.plain_data(chunk)
        if data is not None:
            return [Event(data)]
        if not self._started:
            chunk = self._without_bom(chunk)
        return self._take_lines(self._with_line_feeds(chunk))

    def plain_data(self, chunk: bytes) -> bytes | None:
        """The data of a chunk that is one `data:` line and no more, as nearly every one is, else None.

        Such a chunk may be passed over by `feed`.
        """
        is_plain = (
            chunk.startswith(b"data: ")
            and chunk.endswith(b"\n\n")
            and chunk.find(b"\n") == len(chunk) - 2
            and b"\r" not in chunk
            and not (self._line or self._data or self._type)
        )
        return chunk[6:-2] if is_plain else None

    def finish(self) -> list[Event]:
        """The stream is over: give the last event even where its blank line is missing."""
        return self._take_lines(b"\n\n")

    def _without_bom(self, chunk: bytes) -> bytes:
        chunk, self._line = self._line + chunk, b""
        if len(chunk) < len(BOM) and BOM.startswith(chunk):
            self._line = chunk
            return b""
        self._started = True
        return chunk.removeprefix(BOM)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """One kind of line end; a CR counts at once, so the LF that may follow it is dropped then."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _take_lines(self, chunk: bytes) -> list[Event]:
        lines = (self._line + chunk).split(b"\n")
        self._line = lines.pop()
        events = [event for line in lines if (event := self._take_line(line)) is not None]
        if self._size + len(self._line) > self._max_event_bytes:
            raise EventTooLargeError(f"an event is larger than {self._max_event_bytes} bytes")
        return events

    def _take_line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        elif name == b"event":
            self._type = value.removeprefix(b" ")
        return None

    def _dispatch(self) -> Event | None:
        data, kind = self._data, self._type
        self._data, self._type, self._size = [], b"", 0
        if not data:
            return None
        return Event(b"\n".join(data), kind or b"message")
