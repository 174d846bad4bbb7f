"""Choices about an export."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SCHEMA_VERSION: Final = 1
"""Raised when a line loses something, or says it in another way; not for what is added."""


class Format(StrEnum):
    """What a line of the export is."""

    CHAT = "chat"
    TABLE = "table"
    CONVERSATIONS = "conversations"


class Pictures(StrEnum):
    """Where the pictures are."""

    LEFT_OUT = "none"
    DATA = "data"
    FILES = "files"


class Branches(StrEnum):
    SHOWN = "shown"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an export has. A table takes neither pictures nor branches."""

    format: Format = Format.CHAT
    pictures: Pictures = Pictures.LEFT_OUT
    branches: Branches = Branches.SHOWN
    with_corrections: bool = True
    """True where a corrected answer takes the place of the one that was given."""
    with_thoughts: bool = False
    only_good: bool = False
    with_pseudonyms: bool = False

    @property
    def is_zip(self) -> bool:
        return self.format is not Format.TABLE and self.pictures is Pictures.FILES

    @property
    def extension(self) -> str:
        if self.is_zip:
            return "zip"
        return "csv" if self.format is Format.TABLE else "jsonl"

    @property
    def content_type(self) -> str:
        if self.is_zip:
            return "application/zip"
        return (
            "text/csv; charset=utf-8" if self.format is Format.TABLE else "application/jsonl; charset=utf-8"
        )
