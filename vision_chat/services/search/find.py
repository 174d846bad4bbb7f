"""Find what was said in a person's conversations, the newest first."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch

from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.search import matching
from vision_chat.services.search.fold import Term, terms
from vision_chat.services.search.marks import WITH_IMAGES, owner_mark
from vision_chat.services.search.query import Query
from vision_chat.services.search.snippets import Piece, Snippets
from vision_chat.services.search.visible import visible_text

MAX_HITS = 200
_BATCH = 250
"""Matches that are looked at together: some more, as a few may be of conversations that were just deleted."""

Person = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Filters:
    """Which hits are wanted: not older than `since`, and only messages that have images."""

    since: datetime | None = None
    with_images: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that has the words, or a title: then `message_id` is None and `role` empty."""

    conversation_id: uuid.UUID
    title: str
    message_id: int | None
    role: str
    created_at: datetime
    """Of a title the time of its conversation's last activity."""
    snippet: list[Piece]


def find(user: Person, query: str, filters: Filters | None = None) -> list[Hit]:
    """Return the newest MAX_HITS messages and titles that have all words of the query, the last one begun.

    A title counts where no message of its conversation is a hit: it mostly repeats the first question.
    """
    filters = filters or Filters()
    wanted = terms(query)
    if not wanted:
        return []
    snippets = Snippets(query)
    hits = [_message_hit(message, snippets) for message in _messages(user, wanted, filters)]
    if not filters.with_images:
        found_in = {hit.conversation_id for hit in hits}
        titled = _titled(user, wanted, filters)
        hits += [_title_hit(one, snippets) for one in titled if one.pk not in found_in]
    return sorted(hits, key=lambda hit: (hit.created_at, hit.message_id or 0), reverse=True)[:MAX_HITS]


def _messages(user: Person, wanted: Sequence[Term], filters: Filters) -> list[Message]:
    found: list[Message] = []
    marks = [owner_mark(user.pk), *([WITH_IMAGES] if filters.with_images else [])]
    for keys in _batches(Query(wanted, marks)):
        rows = list(_visible_messages(user, keys))
        found += [row for row in rows if filters.since is None or row.created_at >= filters.since]
        # newer messages have higher keys, so that all further ones are older than the last of these
        is_past = filters.since is not None and rows and rows[-1].created_at < filters.since
        if is_past or len(found) >= MAX_HITS:
            break
    return found[:MAX_HITS]


def _batches(query: Query) -> Iterator[list[int]]:
    """Return the keys of messages that match, the newest first."""
    below = matching.MAX_KEY
    while keys := matching.newest(matching.MESSAGES, query, limit=_BATCH, below=below):
        yield keys
        if len(keys) < _BATCH:
            return
        below = keys[-1]


def _visible_messages(user: Person, keys: Sequence[int]) -> Iterator[Message]:
    generations = Generation.objects.only("message_id", "starts_at", "thoughts")
    messages = Message.objects.visible_to(user).filter(pk__in=keys).order_by("-pk")
    columns = ("role", "text", "created_at", "conversation__title")
    return (
        messages.select_related("conversation")
        .only(*columns)
        .prefetch_related(Prefetch("generations", generations))
        .iterator(chunk_size=_BATCH)
    )


def _titled(user: Person, wanted: Sequence[Term], filters: Filters) -> list[Conversation]:
    query = Query(wanted, [owner_mark(user.pk)])
    keys = matching.newest(matching.TITLES, query, limit=MAX_HITS)
    found = Conversation.objects.visible_to(user).filter(words__in=keys)
    if filters.since is not None:
        found = found.filter(updated_at__gte=filters.since)
    return list(found.only("title", "updated_at"))


def _message_hit(message: Message, snippets: Snippets) -> Hit:
    return Hit(
        conversation_id=message.conversation_id,
        title=message.conversation.title,
        message_id=message.pk,
        role=message.role,
        created_at=message.created_at,
        snippet=snippets.of(visible_text(message)),
    )


def _title_hit(conversation: Conversation, snippets: Snippets) -> Hit:
    return Hit(
        conversation_id=conversation.pk,
        title=conversation.title,
        message_id=None,
        role="",
        created_at=conversation.updated_at,
        snippet=snippets.of(conversation.title),
    )
