"""A person's words for people: as they were typed, with links where they name an address."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_LINE_END: Final = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# No space parts an address from Chinese, Japanese and Korean, from dashes, quotes, and marks of direction.
_ENDS_ADDRESS: Final = (
    r"\s<>\"`|\\^\u1100-\u11ff\u200b-\u206f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    r"\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
_ADDRESS: Final = re.compile(
    rf"(?<![A-Za-z0-9])https?://[^\W_][^{_ENDS_ADDRESS}]*"
    rf"|(?<![A-Za-z0-9_./@:-])www\.[^\W_][^{_ENDS_ADDRESS}]*"
    r"|(?<![A-Za-z0-9_.%+/:@-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}(?![A-Za-z0-9_@-])",
    re.IGNORECASE,
)
MAX_ADDRESS: Final = 2048
"""Longest address that becomes a link, in characters."""
_MAY_END_ADDRESS: Final = "/#&=%+@$~-_"


def words_html(text: str) -> SafeString:
    """Escape a person's words, whose line ends become those of HTML and whose addresses become links."""
    return format_html_join("", "{}{}", _parts(_LINE_END.sub("\n", text)))


def _parts(text: str) -> Iterable[tuple[str, str]]:
    """Divide `text` into pairs of plain text and the link that follows it."""
    position = 0
    for match in _ADDRESS.finditer(text):
        if len(match[0]) > MAX_ADDRESS:
            continue
        address = _trimmed(match[0])
        yield text[position : match.start()], _link(address)
        position = match.start() + len(address)
    yield text[position:], ""


def _trimmed(address: str) -> str:
    """Return `address` without the punctuation of its sentence. A bracket that it has opened is its own."""
    while unicodedata.category(address[-1])[0] in "PS" and address[-1] not in _MAY_END_ADDRESS:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _link(address: str) -> str:
    if "://" in address:
        target = address
    else:
        target = f"https://{address}" if address[:4].lower() == "www." else f"mailto:{address}"
    return format_html(
        '<a href="{}" target="_blank" rel="noopener noreferrer nofollow" dir="ltr">{}</a>', target, address
    )
