"""Characters that PostgreSQL or UTF-8 cannot store: NUL and lone surrogates."""

import re
from typing import Final

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def storable(text: str, instead: str = "\ufffd") -> str:
    """Replace what cannot be stored. Nobody types it, so of typed texts nothing is put in its place."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub(instead, text)
