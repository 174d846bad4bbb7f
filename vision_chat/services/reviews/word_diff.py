"""What changes from one text to another, word by word."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Final, Literal, NamedTuple

MAX_STEPS: Final = 1_000_000
"""Pairs of equal words, or of equal lines, that are looked at before texts are compared less closely.

In a text that repeats itself they grow with the square of its length, and with each change anew.
"""
_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A part of both texts, or of one of them. Those of "same" and "removed" together are the text before."""

    kind: Literal["same", "removed", "added"]
    text: str


class Steps:
    """Counts the work that is left for two texts."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> None:
        """Take so many of them. Raises TooManyStepsError where there are not so many."""
        if count > self.left:
            raise TooManyStepsError
        self.left -= count


class TooManyStepsError(Exception):
    """Two texts cannot be compared in the steps that are left."""


def word_diff(before: str, after: str) -> list[Piece]:
    """Compare two texts; what both begin and end with is not compared, however long it is."""
    first, second = _WORDS.findall(before), _WORDS.findall(after)
    head = _common(first, second)
    tail = _common(first[head:][::-1], second[head:][::-1])
    middle = first[head : len(first) - tail], second[head : len(second) - tail]
    pieces = [
        Piece("same", "".join(first[:head])),
        *_compared(*middle),
        Piece("same", "".join(first[len(first) - tail :])),
    ]
    return [piece for piece in pieces if piece.text]


def _common(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second))
    )


def _compared(first: list[str], second: list[str]) -> list[Piece]:
    """Compare words; where that takes too many steps, lines, and words only in those that have changed."""
    try:
        return list(_pieces(first, second, Steps(MAX_STEPS)))
    except TooManyStepsError:
        return list(_by_lines("".join(first), "".join(second), Steps(MAX_STEPS)))


def _by_lines(before: str, after: str, steps: Steps) -> Iterator[Piece]:
    try:
        pieces = list(_pieces(before.splitlines(keepends=True), after.splitlines(keepends=True), steps))
    except TooManyStepsError:
        pieces = [Piece("removed", before), Piece("added", after)]
    removed = ""
    for piece in pieces:
        if piece.kind == "removed":
            removed = piece.text
        elif piece.kind == "added":
            yield from _in_lines(removed, piece.text, steps)
        else:
            yield piece


def _in_lines(before: str, after: str, steps: Steps) -> list[Piece]:
    """Compare the words of some lines; they are replaced as a whole where no steps are left for it."""
    try:
        return list(_pieces(_WORDS.findall(before), _WORDS.findall(after), steps))
    except TooManyStepsError:
        return [Piece("removed", before), Piece("added", after)]


def _pieces(first: Sequence[str], second: Sequence[str], steps: Steps) -> Iterator[Piece]:
    """Yield what is the same, and for each change what is removed and what is added, one of them empty."""
    for kind, start, end, begin, stop in _Matcher(first, second, steps).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(first[start:end]))
            continue
        yield Piece("removed", "".join(first[start:end]))
        yield Piece("added", "".join(second[begin:stop]))


class _Matcher(SequenceMatcher[str]):
    """Finds the longest match as its base does, and pays for all pairs that this looks at."""

    def __init__(self, first: Sequence[str], second: Sequence[str], steps: Steps) -> None:
        super().__init__(None, first, second, autojunk=False)
        counts = Counter(second)
        self._steps = steps
        self._pairs_before = [0, *accumulate(1 + counts[word] for word in first)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = len(self._pairs_before) - 1 if ahi is None else ahi
        self._steps.take(self._pairs_before[end] - self._pairs_before[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)
