"""A search, and the table that is searched, for the statements of either database."""

from collections.abc import Sequence
from typing import NamedTuple

from vision_chat.services.search.fold import Term


class Query(NamedTuple):
    """Conditions of a row: terms of its text, and marks beside it."""

    terms: Sequence[Term]
    marks: Sequence[str] = ()


class Table(NamedTuple):
    """A table of words and its key. Where it `has_ages`, each row has the mark of its age."""

    name: str
    key: str
    has_ages: bool
