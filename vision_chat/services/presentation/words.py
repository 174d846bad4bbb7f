"""A person's words for people: as they were typed, with links where they name an address."""

import re
from collections.abc import Iterable
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from vision_chat.services import addresses

_LINE_END: Final = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_ADDRESS: Final = re.compile(f"{addresses.WEB}|{addresses.MAIL}")


def words_html(text: str) -> SafeString:
    """Escape a person's words, whose line ends become those of HTML and whose addresses become links."""
    return format_html_join("", "{}{}", _parts(_LINE_END.sub("\n", text)))


def _parts(text: str) -> Iterable[tuple[str, str]]:
    """Divide `text` into pairs of plain text and the link that follows it."""
    position = 0
    for match in _ADDRESS.finditer(text):
        address = addresses.trimmed(match[0])
        if not address:
            continue
        yield text[position : match.start()], _link(address)
        position = match.start() + len(address)
    yield text[position:], ""


def _link(address: str) -> str:
    return format_html(
        '<a href="{}" target="_blank" rel="noopener noreferrer nofollow" dir="ltr">{}</a>',
        addresses.destination(address),
        address,
    )
