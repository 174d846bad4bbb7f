"""The joint between two parts of an answer, where another generation goes on with it.

An answer is cut off between two tokens, which may be within a word, and the blank before a word belongs to
its token. So a part that begins with a blank begins a word; but many endpoints drop a blank at the beginning,
and one that begins with a letter may begin a word or go on with one. What is known, the surest first:

- An endpoint that has sent a blank at the beginning of an earlier part drops none: nothing is missing.
- Letters that are no word of the answer, where one of its words begins with them and the next letter, are the
  beginning of that word, as in "These steep stairs are st" and "eep".
- Else a blank is put. Where words are single tokens, as English ones mostly are, that is right in 97 of 100
  places between two letters, where they are of several tokens in far fewer: the figures are in
  docs/decisions/0021-thoughts-and-marks.md.
"""

import re
import unicodedata
from typing import Final

_WITHOUT_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]"
)
"""Thai, Lao, Burmese, Khmer, CJK and their punctuation."""
_ENDS: Final = ".,;:!?…)]}”’»*"
_BEGINNINGS: Final = "([{“‘«*`$"
_VERBATIM: Final = re.compile(r"://|[@\\_]|-\Z")
"""In the last word: an address, a command, a name of code, a compound, which goes on without a blank."""
_NUMBER: Final = re.compile(r"\d[.,]?\Z")
_FRAGMENT: Final = re.compile(r"(?<!\w)[^\W\d_]+\Z")
"""Letters at the end, which may be a word or the beginning of one."""
_BLANK_FIRST: Final = re.compile(r" \S")


def keeps_blanks(part: str) -> bool:
    """Return whether a part shows that its endpoint drops no blank at the beginning."""
    return _BLANK_FIRST.match(part) is not None


def gap(before: str, after: str) -> str:
    """Return " " where the words of two parts would run together, else "".

    For parts of an endpoint that may drop a blank. Of `after` the first character is enough.
    """
    if not before or not after or _WITHOUT_SPACES.match(before[-1]) or _WITHOUT_SPACES.match(after):
        return ""
    ends_word = _is_of_word(before[-1]) or before[-1] in _ENDS
    begins_word = after[0].isalnum() or after[0] in _BEGINNINGS
    line = before.rpartition("\n")[2]
    is_within = any(line.count(sign) % 2 for sign in "`$") or _VERBATIM.search(line.rpartition(" ")[2])
    is_number = after[0].isdigit() and _NUMBER.search(before)
    is_apart = ends_word and begins_word and not (is_within or is_number or _goes_on(before, after[0]))
    return " " if is_apart else ""


def _is_of_word(sign: str) -> bool:
    """Return whether it is a letter, a digit, or a mark on one: Hindi words often end with their vowel's."""
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def _goes_on(before: str, letter: str) -> bool:
    """Return whether the last letters are no word of the answer, and begin one with this letter."""
    found = _FRAGMENT.search(before)
    if found is None or not letter.isalpha():
        return False
    fragment, earlier = found[0], before[: found.start()]
    return _has(rf"{fragment}{letter}", earlier) and not _has(rf"{fragment}(?!\w)", earlier)


def _has(beginning: str, text: str) -> bool:
    """Return whether a word begins with what this pattern matches, in capitals or not."""
    return re.search(rf"(?<!\w){beginning}", text, re.IGNORECASE) is not None
