"""Lines of an event stream that are one event together."""

from vision_chat.services.completions._wire import InvalidChunkError


class PendingLines:
    """Lines of one event, or of one JSON, until it is whole."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lines: list[bytes] = []
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def is_json(self) -> bool:
        """Tell whether the first line begins like JSON."""
        return bool(self._lines) and self._lines[0].lstrip().startswith((b"{", b"["))

    @property
    def may_be_whole(self) -> bool:
        """Tell whether the last line ends like a JSON object."""
        return bool(self._lines) and self._lines[-1].rstrip().endswith(b"}")

    def add(self, line: bytes) -> None:
        """Add a line. Raises InvalidChunkError where there are too many."""
        self._lines.append(line)
        self._bytes += len(line) + 1
        if self._bytes > self._max_bytes:
            raise InvalidChunkError(f"an event is larger than {self._max_bytes} bytes")

    def take(self) -> bytes:
        """Return the lines as one, and forget them."""
        whole, self._lines, self._bytes = b"\n".join(self._lines), [], 0
        return whole
