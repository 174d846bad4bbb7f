"""Log probabilities of the tokens of an answer, with those of other tokens that it could have had there."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

MAX_BYTES: Final = 1_000_000
"""Size, as JSON, above which none are kept: of half an answer they would mislead."""
MAX_OTHERS: Final = 20
_BESIDE: Final = 24
"""Bytes that a number and the signs around it take."""

Entry = list[Any]
"""A token, its log probability (None where it is not known), and a list of pairs of others."""


class Logprobs:
    """The log probabilities of one answer, as far as they have come."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._room = MAX_BYTES

    @property
    def are_too_many(self) -> bool:
        """True where more came than is kept. Then none are."""
        return self._room < 0

    def add(self, value: object) -> None:
        """Add what a chunk has of them. What is none is left out."""
        if self.are_too_many or not isinstance(value, Mapping):
            return
        for entry in _entries(value):
            self._room -= sum(_size(token) for token in (entry[0], *(other for other, _ in entry[2])))
            self._entries.append(entry)
        if self.are_too_many:
            self._entries.clear()

    def to_json(self) -> list[Entry]:
        """Return the entries of all tokens."""
        return self._entries


def _entries(value: Mapping[str, Any]) -> Iterable[Entry]:
    """Yield what is in the form of OpenAI, `content`, or in that of older ones, two lists."""
    content = value.get("content")
    if isinstance(content, list):
        for found in content:
            if isinstance(found, Mapping) and isinstance(found.get("token"), str):
                yield [found["token"], _number(found.get("logprob")), list(_others(found))]
        return
    tokens, numbers = value.get("tokens"), value.get("token_logprobs")
    if isinstance(tokens, list) and isinstance(numbers, list):
        for token, number in zip(tokens, numbers, strict=False):
            if isinstance(token, str):
                yield [token, _number(number), []]


def _others(found: Mapping[str, Any]) -> Iterable[list[Any]]:
    others = found.get("top_logprobs")
    for other in others[:MAX_OTHERS] if isinstance(others, list) else ():
        if isinstance(other, Mapping) and isinstance(other.get("token"), str):
            yield [other["token"], _number(other.get("logprob"))]


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return round(min(float(value), 0.0), 5) if math.isfinite(value) else None
    except OverflowError:  # a whole number of hundreds of digits
        return None


def _size(token: str) -> int:
    return len(token.encode(errors="replace")) + _BESIDE
