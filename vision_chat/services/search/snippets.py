"""Snippets: the part of a text around the words of a query, in its own letters, with the words marked."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Final, NamedTuple

from vision_chat.services.search import fold

MAX_LENGTH: Final = 160
MAX_WORDS: Final = 30
"""Words of a query that are looked for; the others would only cost time."""
_BEFORE: Final = 40
"""Characters before the first word that is marked."""
_CHUNK: Final = 8_000
"""Characters that are looked through at once; where the first ones have a word, the others are not."""
_OVERLAP: Final = 200
_MAX_LOOKED_THROUGH: Final = 80_000
_MAX_PLACES: Final = 50


class Piece(NamedTuple):
    """A part of a snippet. `is_match` where it is a word of the query."""

    text: str
    is_match: bool


class _Place(NamedTuple):
    """A match in the text, and which word of the query it is."""

    start: int
    end: int
    word: int


class _Folded(dict[str, str]):
    """The fold of each character, filled as they come."""

    def __missing__(self, sign: str) -> str:
        self[sign] = found = fold.decomposed(sign)
        return found


_FOLDED: Final = _Folded()


class Snippets:
    """Makes the snippets of one query."""

    def __init__(self, query: str) -> None:
        words = list(islice(fold.words(query), MAX_WORDS))
        last = len(words) - 1
        patterns = [_pattern(word, is_last=place == last) for place, word in enumerate(words)]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern in patterns)) if patterns else None

    def of(self, text: str) -> list[Piece]:
        """Return a snippet of about MAX_LENGTH characters; of a text without the words, its beginning."""
        start, places = self._first_places(text)
        begin = _begin(text, _densest(places).start) if places else start
        end = _end(text, begin)
        pieces = list(_pieces(text[begin:end], self._places(text[begin:end])))
        if begin > 0:
            pieces.insert(0, Piece("…", is_match=False))
        if end < len(text):
            pieces.append(Piece("…", is_match=False))
        return pieces

    def _first_places(self, text: str) -> tuple[int, list[_Place]]:
        for start in range(0, min(len(text), _MAX_LOOKED_THROUGH), _CHUNK):
            found = self._places(text[start : start + _CHUNK + _OVERLAP])
            if found:
                return start, [_Place(start + place.start, start + place.end, place.word) for place in found]
        return 0, []

    def _places(self, text: str) -> list[_Place]:
        if self._pattern is None:
            return []
        if text.isascii():
            matches = islice(self._pattern.finditer(fold.decomposed(text)), _MAX_PLACES)
            return [_Place(match.start(), match.end(), match.lastindex or 0) for match in matches]
        signs = [_FOLDED[sign] for sign in text]
        ends = list(accumulate(map(len, signs)))
        matches = islice(self._pattern.finditer("".join(signs)), _MAX_PLACES)
        return [
            _Place(
                bisect_right(ends, match.start()),
                _with_marks(text, bisect_right(ends, match.end() - 1) + 1),
                match.lastindex or 0,
            )
            for match in matches
        ]


def _pattern(word: fold.Word, *, is_last: bool) -> str:
    """Return the expression for a word in a decomposed text."""
    text = re.escape(unicodedata.normalize("NFKD", word.text))
    if word.is_run:
        return text
    return rf"(?<!{fold.LETTER}){text}" + (f"{fold.LETTER}*" if is_last else f"(?!{fold.LETTER})")


def _with_marks(text: str, end: int) -> int:
    """Return the end of a character with the marks on it."""
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return end


def _densest(places: Sequence[_Place]) -> _Place:
    """Return the first place from which a snippet shows the most words of the query."""
    if len({place.word for place in places}) == 1:
        return places[0]

    def count(place: _Place) -> int:
        reach = place.start + MAX_LENGTH - _BEFORE
        return len({other.word for other in places if place.start <= other.start and other.end <= reach})

    return max(places, key=count)


def _begin(text: str, match: int) -> int:
    """Return where a snippet begins: at a word, not far before the match."""
    if match <= _BEFORE:
        return 0
    blank = re.search(r"\s", text[match - _BEFORE : match])
    return match - _BEFORE + blank.end() if blank else match - _BEFORE // 2


def _end(text: str, begin: int) -> int:
    """Return where a snippet ends: after a word, where there is a blank not far before."""
    end = begin + MAX_LENGTH
    if end >= len(text):
        return len(text)
    blank = re.search(r"\s\S*\Z", text[end - _BEFORE : end])
    return end - _BEFORE + blank.start() if blank else end


def _pieces(text: str, places: Sequence[_Place]) -> Iterator[Piece]:
    position = 0
    for place in places:
        if place.start < position:
            continue
        yield from _piece(text[position : place.start], is_match=False)
        yield from _piece(text[place.start : place.end], is_match=True)
        position = place.end
    yield from _piece(text[position:], is_match=False)


def _piece(text: str, *, is_match: bool) -> Iterator[Piece]:
    if text:
        yield Piece(re.sub(r"\s+", " ", text), is_match)
