"""Numbers of rows, as addresses and forms have them."""

from typing import Final

MAX_DIGITS: Final = 18
"""Digits that the number of a row may have: the databases know no longer ones."""


def row_number(text: str) -> int | None:
    """Return the number of a row; None where the text is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None
