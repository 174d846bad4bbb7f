"""Sentences beside an answer."""

from typing import NamedTuple


class Note(NamedTuple):
    """A sentence about a reply. `icon` is the name of an icon in templates/_icons.html."""

    icon: str
    text: str
    is_error: bool = False
