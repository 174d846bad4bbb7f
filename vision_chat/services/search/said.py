"""The texts of messages, as people see them: their words, or a reply's answer without Markdown's signs."""

import re
import uuid
from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef

from vision_chat.models import Message, MessageImage
from vision_chat.models.message import parts_of
from vision_chat.services.thoughts.division import divide

_MARKDOWN: Final = re.compile(
    r"""([*`]+)                           # emphasis, code
    | \|[ \t:|-]*                         # bars of a table
    | \n[ \t]*(?: (?:\#{1,6}|>|[-+])[ \t]+  # heading, quotation, item
                 | (?:-{3,}|=+)[ \t]*(?=\n|\Z) )""",  # rule
    re.VERBOSE,
)


class Said(NamedTuple):
    """A message with the text that people read."""

    message_id: int
    conversation_id: uuid.UUID
    owner_id: int
    role: str
    created_at: datetime
    has_images: bool
    text: str


def said_in(message_ids: Collection[int]) -> list[Said]:
    """Return what was said in these messages, the newest first. It is not asked whose they are."""
    rows = _ROWS.filter(pk__in=message_ids)
    return [_said([*group]) for _, group in groupby(rows, key=lambda row: row[0])]


_ROWS: Final = (
    Message.objects.filter(deleted_at=None)
    .annotate(has_images=Exists(MessageImage.objects.filter(message=OuterRef("pk"))))
    .order_by("-pk", "generations")
    .values_list(
        "pk",
        "conversation_id",
        "conversation__owner_id",
        "role",
        "created_at",
        "has_images",
        "text",
        "generations__starts_at",
        "generations__thoughts",
    )
)
"""A row for each generation of a reply, one for a person's message."""


def _said(rows: list[tuple[Any, ...]]) -> Said:
    said = Said(*rows[0][:-2])
    generations = [row[-2:] for row in rows if row[-1] is not None]
    if not generations:
        return said
    answer = divide(parts_of(said.text, generations)).answer
    return said._replace(text=_without_markdown(answer))


def _without_markdown(text: str) -> str:
    return _MARKDOWN.sub(_replacement, f"\n{text}")[1:]


def _replacement(found: re.Match[str]) -> str:
    if found[1]:
        # between letters of ASCII they are more often a power or a pointer
        around = found.string[found.start() - 1 : found.start()] + found.string[found.end() : found.end() + 1]
        return found[0] if len(around) == 2 and around.isascii() and around.isalnum() else ""
    return " " if found[0][0] == "|" else "\n"
