"""Search of administrators in everybody's conversations: which have all words, and where the words are."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import add, or_
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.text import smart_split, unescape_string_literal

from vision_chat.models import Conversation, Message, TitleWords
from vision_chat.services.search import matching as search
from vision_chat.services.search.fold import terms
from vision_chat.services.search.query import Query
from vision_chat.services.search.said import said_in
from vision_chat.services.search.snippets import Piece, Snippets

MAX_WORDS: Final = 10
MAX_OWNERS: Final = 500
"""People of one name whose conversations are found by it."""


class Excerpt(NamedTuple):
    """A part of the message that has the most of the words."""

    message_id: int
    snippet: list[Piece]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that is looked for, or a quoted phrase."""

    text: str
    query: Query
    phrase: str = ""

    def in_messages(self) -> Q:
        """Return the condition that a message has it."""
        if not self.query.terms:
            return Q(pk=None)
        has_words = Q(pk__in=search.every(search.MESSAGES, self.query))
        return has_words & Q(text__icontains=self.phrase) if self.phrase else has_words

    def in_titles(self) -> Q:
        """Return the condition that a row of a title's words has it."""
        if not self.query.terms:
            return Q(pk=None)
        has_words = Q(pk__in=search.every(search.TITLES, self.query))
        return has_words & Q(conversation__title__icontains=self.phrase) if self.phrase else has_words


def matching(conversations: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    """Return the conversations that have each word, or quoted phrase, in the title or in a message.

    Words are found as a person finds them, in what `is_readable` alone, which `with_readability` annotates. A
    name of the owner and a whole id are found in all. Only the first `MAX_WORDS` count.
    """
    for word in _words(words):
        said = Message.objects.sent().filter(word.in_messages())
        titled = TitleWords.objects.filter(word.in_titles())
        has_word = Q(pk__in=said.values("conversation")) | Q(pk__in=titled.values("conversation"))
        conversations = conversations.filter(Q(is_readable=True) & has_word | _is_named(word.text))
    return conversations


def _is_named(text: str) -> Q:
    """Return the condition that a conversation has this id, or an owner of this name."""
    try:
        return Q(pk=uuid.UUID(text))
    except ValueError:
        names = [Q(**{f"{name}__iexact": text}) for name in ("username", "first_name", "last_name")]
    owners = get_user_model().objects.filter(reduce(or_, names)).values_list("pk", flat=True)
    return Q(owner__in=list(owners[:MAX_OWNERS]))


def _words(text: str) -> Iterator[_Word]:
    found = list(islice(smart_split(text), MAX_WORDS))
    for place, word in enumerate(found):
        if word[0] in "\"'" and word[0] == word[-1] and len(word) > 1:
            phrase = unescape_string_literal(word)
            yield _Word(phrase, Query(terms(phrase, is_begun=False)), phrase)
        else:
            yield _Word(word, Query(terms(word, is_begun=place == len(found) - 1)))


def best_messages(conversation_ids: Collection[uuid.UUID], words: str) -> dict[uuid.UUID, int]:
    """Return, by conversation, the message that has the most of the words, the latest of those, in one query.

    A conversation of which only the title has any is left out.
    """
    conditions = [word.in_messages() for word in _words(words)]
    if not conditions:
        return {}
    counts: list[Any] = [_one_where(condition) for condition in conditions]
    found = (
        Message.objects.sent()
        .filter(reduce(or_, conditions), conversation__in=conversation_ids)
        .annotate(word_count=reduce(add, counts))
        .order_by("word_count", "pk")
    )
    return dict(found.values_list("conversation_id", "pk"))  # of each conversation the last one stays


def _one_where(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def excerpts(conversation_ids: Collection[uuid.UUID], words: str) -> dict[uuid.UUID, Excerpt]:
    """Return an excerpt of each conversation's best message, in two queries for all."""
    snippets = Snippets(words)
    best = best_messages(conversation_ids, words)
    return {
        said.conversation_id: Excerpt(said.message_id, snippets.of(said.text))
        for said in said_in(list(best.values()))
    }
