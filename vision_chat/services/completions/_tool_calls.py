"""Calls of tools, which come in pieces like words."""

import json
from collections.abc import Mapping
from typing import Any, Final

MAX_CALLS: Final = 32
MAX_CHARACTERS: Final = 100_000
"""Length of the names and arguments of all calls of one answer, at which it is ended."""


class ToolCalls:
    """The calls of tools of one answer, as far as they have come.

    Endpoints number them, or tell them apart by their ids, or send each at once. Arguments are JSON in a
    string; some send the JSON itself.
    """

    def __init__(self) -> None:
        self._calls: dict[object, dict[str, str]] = {}
        self._room = MAX_CHARACTERS
        self._last: object = None

    @property
    def is_full(self) -> bool:
        """True where more came than is kept."""
        return self._room <= 0

    def add(self, pieces: object) -> bool:
        """Add what a chunk has of them. Returns whether that was anything new; what is none is left out.

        An endpoint that sends empty pieces without end is not heard of any more than one that sends nothing.
        """
        before = self._room, len(self._calls)
        found = [piece for piece in pieces if isinstance(piece, Mapping)] if isinstance(pieces, list) else []
        for piece in found:
            self._add(piece)
        return before != (self._room, len(self._calls))

    def to_json(self) -> list[dict[str, str]]:
        """Return the calls, in the order in which they began."""
        return [dict(call) for call in self._calls.values()]

    def _add(self, piece: Mapping[str, Any]) -> None:
        function = piece.get("function")
        said = function if isinstance(function, Mapping) else piece
        call = self._call_of(piece)
        if call is None:
            return
        call["id"] = call["id"] or self._kept(piece.get("id"))
        call["name"] = call["name"] or self._kept(said.get("name"))
        call["arguments"] += self._kept(said.get("arguments"))

    def _call_of(self, piece: Mapping[str, Any]) -> dict[str, str] | None:
        """Return the call that the piece belongs to; None where there are too many."""
        key: object = piece.get("index")
        if not isinstance(key, int):
            key = piece.get("id") or ("first" if self._last is None else self._last)
        if not isinstance(key, int | str):
            return None
        if key not in self._calls:
            if len(self._calls) == MAX_CALLS:
                self._room = 0
                return None
            self._calls[key] = {"id": "", "name": "", "arguments": ""}
        self._last = key
        return self._calls[key]

    def _kept(self, value: object) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        kept = text[: max(0, self._room)]
        self._room -= len(text)
        return kept
