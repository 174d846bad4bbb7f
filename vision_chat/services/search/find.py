"""Find what was said in a person's conversations, the newest first."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Conversation, TitleWords
from vision_chat.services.search import matching
from vision_chat.services.search.fold import Term, terms
from vision_chat.services.search.marks import WITH_IMAGES, owner_mark
from vision_chat.services.search.query import Query
from vision_chat.services.search.said import Said, said_in
from vision_chat.services.search.snippets import Piece, Snippets

MAX_HITS = 200
_BATCH = 250
"""Matches that are looked at together: some more, as a few may be of conversations that were just deleted."""


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


def find(user: AbstractBaseUser, query: str, filters: Filters | None = None) -> list[Hit]:
    """Return the newest MAX_HITS messages and titles that have all words of the query, the last one begun.

    A title counts where no message of its conversation is a hit: it mostly repeats the first question.
    """
    filters = filters or Filters()
    wanted = terms(query)
    if not wanted:
        return []
    snippets = Snippets(query)
    hits = _message_hits(user, wanted, filters, snippets)
    if not filters.with_images:
        found_in = {hit.conversation_id for hit in hits}
        titled = _titled(user, wanted, filters)
        hits += [_title_hit(one, snippets) for one in titled if one.pk not in found_in]
    return sorted(hits, key=lambda hit: (hit.created_at, hit.message_id or 0), reverse=True)[:MAX_HITS]


def _message_hits(
    user: AbstractBaseUser, wanted: Sequence[Term], filters: Filters, snippets: Snippets
) -> list[Hit]:
    hits: list[Hit] = []
    marks = [owner_mark(user.pk), *([WITH_IMAGES] if filters.with_images else [])]
    for keys in _batches(Query(wanted, marks)):
        found = said_in(keys)
        titles = _titles_visible_to(user, {said.conversation_id for said in found})
        hits += [
            _message_hit(said, titles[said.conversation_id], snippets)
            for said in found
            if said.conversation_id in titles and _is_recent(said.created_at, filters)
        ]
        # newer messages have higher keys: all further ones are older than the last of these
        is_past = found and not _is_recent(found[-1].created_at, filters)
        if is_past or len(hits) >= MAX_HITS:
            break
    return hits


def _is_recent(moment: datetime, filters: Filters) -> bool:
    return filters.since is None or moment >= filters.since


def _batches(query: Query) -> Iterator[list[int]]:
    """Return the keys of messages that match, the newest first."""
    below = matching.MAX_KEY
    while keys := matching.newest(matching.MESSAGES, query, limit=_BATCH, below=below):
        yield keys
        if len(keys) < _BATCH:
            return
        below = keys[-1]


def _titles_visible_to(
    user: AbstractBaseUser, conversation_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, str]:
    """Return the titles of those conversations that the person may see."""
    visible = Conversation.objects.visible_to(user).filter(pk__in=conversation_ids)
    return dict(visible.values_list("pk", "title"))


def _titled(user: AbstractBaseUser, wanted: Sequence[Term], filters: Filters) -> list[Conversation]:
    query = Query(wanted, [owner_mark(user.pk)])
    keys = matching.newest(matching.TITLES, query, limit=MAX_HITS)
    # in two steps: in one, SQLite would look for each of them in each conversation of the person
    ids = TitleWords.objects.filter(pk__in=keys).values_list("conversation_id", flat=True)
    found = Conversation.objects.visible_to(user).filter(pk__in=list(ids))
    if filters.since is not None:
        found = found.filter(updated_at__gte=filters.since)
    return list(found.only("title", "updated_at"))


def _message_hit(said: Said, title: str, snippets: Snippets) -> Hit:
    return Hit(
        conversation_id=said.conversation_id,
        title=title,
        message_id=said.message_id,
        role=said.role,
        created_at=said.created_at,
        snippet=snippets.of(said.text),
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
