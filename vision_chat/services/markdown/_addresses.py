"""Bare addresses of the web and of mail in running text."""

import re

# Letters and signs of Chinese, Japanese and Korean, and the quotes and dashes of all: no space parts them
# from an address.
_FOREIGN = (
    r"\u1100-\u11ff\u2010-\u205e\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    r"\U00020000-\U0003ffff"
)
_SIGN = rf"(?:[^\s<>\"`|\[\]\\^\x00-\x1f\ue000-\uf8ff{_FOREIGN}]|\\[_*~&#])"
WEB = rf"(?<![A-Za-z0-9])(?i:https?)://{_SIGN}+|(?<![A-Za-z0-9_./@:-])www\.{_SIGN}+"
MAIL = (
    r"(?<![A-Za-z0-9_.+/:@-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}(?![A-Za-z0-9_@-])"
)
_ESCAPED = re.compile(r"\\([_*~&#])")
_OPEN_END = re.compile(rf"(?:://|www\.|@){_SIGN}*\Z")
_TRAILING = "?!.,:;*_~'\\\x05\x06)}"
_LATER_COMMA = re.compile(r"[^\w/#&=%+@$(-]+\Z")


def trimmed(address: str) -> str:
    """`address` without what the sentence around it has added: its full stop, its marks, its bracket."""
    while address:
        last = address[-1]
        is_balanced = last == ")" and address.count("(") >= address.count(")")
        if (last in _TRAILING and not is_balanced) or (not last.isascii() and _LATER_COMMA.match(last)):
            address = address[:-1]
        else:
            return address
    return address


def is_whole(address: str) -> bool:
    """Tell if a web address names a host."""
    host = address.partition("://")[2] or address[len("www.") :]
    return host[:1].isalnum() and (host[0].isascii() or "." in host)


def shown(address: str) -> str:
    """`address` as a reader sees it, without the escapes of Markdown and HTML."""
    return _ESCAPED.sub(r"\1", address).replace("&amp;", "&")


def destination(address: str) -> str:
    """What a link to an address, as it is shown, refers to."""
    if "://" in address:
        return address
    return f"https://{address}" if address.startswith("www.") else f"mailto:{address}"


def may_go_on(source: str) -> bool:
    """Tell if the end of `source` may be in an address."""
    return _OPEN_END.search(source, max(0, len(source) - 2048)) is not None


def begins_in(text: str) -> bool:
    """Tell if `text` has what makes an address of the word that it stands in."""
    return "://" in text or "@" in text or "www." in text
