"""What changes from one text to another, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

MAX_WORDS: Final = 6000
"""Words of both texts together up to which they are compared: the time grows with the square."""
_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A part of both texts, or of one of them. Those of "same" and "removed" together are the text before."""

    kind: Literal["same", "removed", "added"]
    text: str


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


def _compared(first: list[str], second: list[str]) -> Iterator[Piece]:
    if len(first) + len(second) > MAX_WORDS:
        yield Piece("removed", "".join(first))
        yield Piece("added", "".join(second))
        return
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, start, end, begin, stop in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(first[start:end]))
            continue
        yield Piece("removed", "".join(first[start:end]))
        yield Piece("added", "".join(second[begin:stop]))
