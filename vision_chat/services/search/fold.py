"""The fold: text becomes tokens that SQLite and PostgreSQL index alike, and that queries are made of.

Letters lose case, compatibility forms and accents. Words of scripts that do not divide them by blanks become
overlapping pairs of signs, with the last sign alone. See docs/decisions/0028-search.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
"""Raised with each change of the tokens of a text: rows of an earlier version are made afresh."""
MAX_TOKEN_LENGTH: Final = 64
MAX_BYTES: Final = 64 * 1024
"""Most bytes of the tokens of a text, with the blanks between them."""

_BLANK: Final = " "
_REMOVED_CLASSES: Final = {1, *range(10, 37), *range(200, 256)}
"""Combining classes of marks that people leave out: accents, points, harakat; no vowels or tones of Thai."""

# Han, kana, Bopomofo, Hangul, Thai, Lao, Khmer, Burmese
_PAIRED_SIGNS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007"
    "\u3021-\u3029\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
LETTER: Final = f"[^ {_PAIRED_SIGNS}]"
"""The expression for a letter, digit or mark of a word that is no run, in a folded text."""
_WORD: Final = re.compile(f"(?P<run>[{_PAIRED_SIGNS}]+)|{LETTER}+")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word of a text, or a run of signs that are indexed as pairs."""

    text: str
    is_run: bool

    @property
    def tokens(self) -> Iterable[str]:
        """Return what is indexed of it."""
        if not self.is_run:
            return (self.text[:MAX_TOKEN_LENGTH],)
        pairs = map("".join, zip(self.text, self.text[1:], strict=False))
        return (*pairs, self.text[-1])


@dataclass(frozen=True, slots=True)
class Term:
    """A token that a text must have; where `is_prefix`, one that begins with it."""

    token: str
    is_prefix: bool = False


class _Signs(dict[int, str | None]):
    """Characters of a decomposed text, folded: to themselves, a blank, or nothing. Filled as they come."""

    def __missing__(self, code: int) -> str | None:
        self[code] = found = _folded_sign(chr(code))
        return found


def _folded_sign(sign: str) -> str | None:
    category = unicodedata.category(sign)
    if category[0] in "LN":
        return sign
    if category[0] == "M":
        is_selector = 0xFE00 <= ord(sign) <= 0xFE0F or 0xE0100 <= ord(sign) <= 0xE01EF
        is_removed = is_selector or unicodedata.combining(sign) in _REMOVED_CLASSES or category == "Me"
        return None if is_removed else sign
    return None if category == "Cf" else _BLANK  # soft hyphens and joiners are not seen


_SIGNS: Final = _Signs()


def decomposed(text: str) -> str:
    """Fold letters, keep them decomposed, and put blanks between words. Each character folds by itself."""
    if text.isascii():
        return text.lower().translate(_SIGNS)
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", folded).translate(_SIGNS)


def words(text: str) -> Iterator[Word]:
    """Return the folded words of a text, in their order."""
    return _words(decomposed(text))


def _words(folded: str) -> Iterator[Word]:
    for match in _WORD.finditer(unicodedata.normalize("NFC", folded)):  # Hangul is one sign a syllable
        yield Word(match[0], match["run"] is not None)


def tokens(text: str, max_bytes: int = MAX_BYTES) -> list[str]:
    """Return the distinct tokens of a text in their order, as many as `max_bytes` hold."""
    folded = decomposed(text)
    if folded.isascii():
        found = dict.fromkeys(word[:MAX_TOKEN_LENGTH] for word in folded.split())
    else:
        found = dict.fromkeys(token for word in _words(folded) for token in word.tokens)
    kept: list[str] = []
    size = 0
    for token in found:
        size += len(token.encode()) + 1
        if size > max_bytes:
            break
        kept.append(token)
    return kept


def terms(query: str, *, is_begun: bool = True) -> list[Term]:
    """Return what a text must have that has all words of the query, of which the last may have just begun.

    It is a whole word where not `is_begun`.
    """
    found = list(words(query))
    last = len(found) - 1
    return list(
        dict.fromkeys(
            term
            for place, word in enumerate(found)
            for term in _terms_of(word, is_last=is_begun and place == last)
        )
    )


def _terms_of(word: Word, *, is_last: bool) -> Iterator[Term]:
    if not word.is_run:
        yield Term(word.text[:MAX_TOKEN_LENGTH], is_last)
    elif len(word.text) == 1:
        yield Term(word.text, is_prefix=True)
    else:
        yield from map(Term, map("".join, zip(word.text, word.text[1:], strict=False)))
