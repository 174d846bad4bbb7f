"""Outline a conversation: the messages of all its branches, a line each."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models.functions import Left

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Message
from vision_chat.services.thoughts.division import Part, divide

MAX_LINES = 1000
"""Most messages of an outline; a conversation that has more shows its first ones."""
MAX_LEVEL = 8
READ = 600
"""How many characters of a message are read, of which thoughts are no part of its line."""
SHOWN = 140
"""Longest text of a line, in characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message: its beginning, how many times its branch has forked, and its place among versions."""

    id: int
    is_reply: bool
    text: str
    level: int
    index: int
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines, each branch after the other. `is_cut` where there are more."""

    conversation_id: uuid.UUID
    lines: list[Line]
    is_cut: bool


class _Row(NamedTuple):
    id: int
    parent_id: int | None
    role: str
    beginning: str


def outline(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Outline:
    """Return the outline of a conversation. Raises NotFoundError."""
    conversation = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    messages = conversation.messages.sent().order_by("pk").annotate(beginning=Left("text", READ))
    rows = messages.values_list("pk", "parent_id", "role", "beginning")[: MAX_LINES + 1]
    found = [_Row(*row) for row in rows]
    shown = set(Message.objects.branch_to(conversation.leaf_id).values_list("pk", flat=True))
    lines = list(_lines(found[:MAX_LINES], shown))
    return Outline(conversation.pk, lines, is_cut=len(found) > MAX_LINES)


def _lines(rows: Iterable[_Row], shown: set[int]) -> Iterator[Line]:
    """Yield a line for each message, below the one that it follows."""
    below: dict[int | None, list[_Row]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    waiting = _versions(below[None], level=0)
    while waiting:
        row, level, index, count = waiting.pop()
        is_reply = row.role == Message.Role.ASSISTANT
        yield Line(row.id, is_reply, _text(row), level, index, count, row.id in shown)
        waiting += _versions(below[row.id], level)


def _versions(rows: list[_Row], level: int) -> list[tuple[_Row, int, int, int]]:
    """Return versions of a message, the first one last; where there are several they are a level deeper."""
    level = min(MAX_LEVEL, level + (len(rows) > 1))
    numbered = [(row, level, index, len(rows)) for index, row in enumerate(rows, start=1)]
    return numbered[::-1]


def _text(row: _Row) -> str:
    """Return the beginning of a message in one line, of a reply without its thoughts."""
    text = row.beginning
    if row.role == Message.Role.ASSISTANT:
        text = divide([Part(text)], is_open=True).answer
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN].rstrip()}…"
