"""Bare addresses of the web and of mail in running text, whoever wrote it."""

import re
import unicodedata
from typing import Final

MAX_LENGTH: Final = 2048
"""Longest address that becomes a link, in characters."""

# No space parts an address from Chinese, Japanese and Korean, from dashes, quotes, and marks of direction.
_ENDS_ADDRESS: Final = (
    r"\s<>\"`|\[\]\\^\x00-\x1f\u1100-\u11ff\u200b-\u206f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    r"\ue000-\uf8ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
# Markdown escapes what would be its marks.
_SIGN: Final = rf"(?:[^{_ENDS_ADDRESS}]|\\[_*~&#])"
WEB: Final = rf"(?:(?<![A-Za-z0-9])(?i:https?)://|(?<![A-Za-z0-9_./@:-])(?i:www)\.)(?=[^\W_]){_SIGN}+"
"""Expression for an address of the web, perhaps with what the sentence around it has added: see `trimmed`."""
MAIL: Final = (
    r"(?<![A-Za-z0-9_.%+/:@-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}(?![A-Za-z0-9_@-])"
)
"""Expression for an address of mail."""

_OPEN_END: Final = re.compile(rf"(?:://|www\.|@){_SIGN}*\Z", re.IGNORECASE)
_MAY_BE_LAST: Final = "/#&=%+@$-"


def trimmed(address: str) -> str:
    """`address` without the full stop, the marks or the bracket of the sentence around it.

    A bracket that it has opened is its own. Empty if it is longer than `MAX_LENGTH`.
    """
    if len(address) > MAX_LENGTH:
        return ""
    while address and _ends_sentence(address[-1]):
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def destination(address: str) -> str:
    """The target of a link to `address`."""
    if "://" in address:
        return address
    return f"https://{address}" if address[:4].lower() == "www." else f"mailto:{address}"


def begins_in(text: str) -> bool:
    """Tell if `text` has what makes an address of the word that it stands in."""
    return "://" in text or "@" in text or "www." in text.lower()


def may_go_on(source: str) -> bool:
    """Tell if the end of `source` may be in an address."""
    end = source[-MAX_LENGTH:]
    return begins_in(end) and _OPEN_END.search(end) is not None


def _ends_sentence(character: str) -> bool:
    is_mark = not character.isprintable() or unicodedata.category(character)[0] in "PS"
    return is_mark and character not in _MAY_BE_LAST
