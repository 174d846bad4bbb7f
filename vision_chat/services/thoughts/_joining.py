"""What stands between two parts of an answer, where another generation goes on with it.

Models drop the blank before the first word that they write, so that words would run together. Whether the
first part ended within a word is not said anywhere; most tokens of a text with spaces begin one.
"""

import re
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


def gap(before: str, after: str) -> str:
    """Return " " where the words of two parts would run together, else ""."""
    if not before or not after or _WITHOUT_SPACES.match(before[-1]) or _WITHOUT_SPACES.match(after):
        return ""
    ends_word = before[-1].isalnum() or before[-1] in _ENDS
    begins_word = after[0].isalnum() or after[0] in _BEGINNINGS
    line = before.rpartition("\n")[2]
    is_within = any(line.count(sign) % 2 for sign in "`$") or _VERBATIM.search(line.rpartition(" ")[2])
    is_number = after[0].isdigit() and _NUMBER.search(before)
    return " " if ends_word and begins_word and not (is_within or is_number) else ""
