"""Rules that fill queues: which answers of some turns, and which marks of people, they find.

A pattern is matched by RE2, in time that is linear in the text: none can hold the server up.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple
from uuid import UUID

import re2
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext

from vision_chat.models import (
    Completion,
    Feedback,
    Generation,
    Message,
    MessageImage,
    Report,
    ReviewItem,
    Rule,
)
from vision_chat.models.conversation import unsealed
from vision_chat.models.generation import Status
from vision_chat.services.review_queues import moderated
from vision_chat.services.review_queues.shares import is_within
from vision_chat.services.search import matching as search
from vision_chat.services.search.fold import terms
from vision_chat.services.search.query import Query

PATTERN_MEMORY: Final = 8 * 2**20
MAX_DOLLARS: Final = Decimal(10**6)
Kind = Rule.Kind
ONCE: Final = (Kind.SHARE, Kind.COST)
"""Kinds that are about a conversation as such: what it says later makes no new item."""
OF_MARKS: Final = (Kind.BAD_ANSWER, Kind.REPORT)
"""Kinds that are about what people say of answers, however old these are."""
OF_TEXTS: Final = (Kind.WORDS, Kind.PATTERN)
"""Kinds that are about what is said: their number tells of it."""
_ERRORS: Final = (Status.FAILED, Status.INTERRUPTED)


class Hit(NamedTuple):
    """An answer that a rule has found. `turn` is the generation that wrote it, 0 of a mark."""

    conversation_id: UUID
    message_id: int
    turn: int = 0


def problem_of(kind: str, value: str) -> str:
    """Return a sentence that says what is wrong with the value of a rule, nothing where it can be used."""
    value = value.strip()
    if kind == Kind.SHARE and not 0 < _number(value) <= 100:
        return gettext("A share is a number above 0 and up to 100, in percent.")
    if kind == Kind.COST and not 0 <= _number(value) <= MAX_DOLLARS:
        return gettext("A cost is a number of dollars, such as 0.50.")
    if kind == Kind.WORDS and not terms(value, is_begun=False):
        return gettext("Type at least one word.")
    if kind in {Kind.LANGUAGE_MODEL, Kind.MODERATION} and not value:
        return gettext("Type the name of a model as its endpoint has it.")
    return _problem_of_pattern(value) if kind == Kind.PATTERN else ""


def found_in(rule: Rule, turns: QuerySet[Generation], *, is_of_answers: bool) -> Iterator[Hit]:
    """Yield the answers that a rule finds among these turns, which have ended."""
    if rule.kind == Kind.SHARE:
        rows = _of_share(rule, turns, is_of_answers=is_of_answers)
    elif rule.kind == Kind.MODERATION:
        rows = _rows(moderated.unsafe(rule, turns))
    else:
        rows = _FINDERS[Kind(rule.kind)](rule.value.strip(), turns)
    for conversation_id, message_id, turn in rows:
        yield Hit(conversation_id, message_id, turn)


def marked(rule: Rule, since: datetime, *, is_of_answers: bool) -> Iterator[Hit]:
    """Yield the answers that people have marked since then, and that the queue of the rule does not have."""
    there = Q(message__state=Message.State.SENT, message__deleted_at=None)
    there &= Q(message__conversation__deleted_at=None) & unsealed("message__conversation")
    bad = Feedback.objects.filter(there, mark=Feedback.Mark.BAD, changed_at__gte=since)
    items = ReviewItem.objects.filter(queue=rule.queue_id)
    if is_of_answers:
        known = items.filter(message=OuterRef("message"))
    else:
        of_conversation = items.filter(message=None, conversation=OuterRef("message__conversation"))
        known = of_conversation.filter(through_message_id__gte=OuterRef("message"))
    new = bad.exclude(Exists(known)).order_by("message")
    for row in new.values_list("message__conversation", "message"):
        yield Hit(*row)


def reported(rule: Rule) -> list[UUID]:
    """Return the conversations with an open report since the rule began, later than what its queue has."""
    open_ones = Report.objects.filter(handled_at=None, created_at__gte=rule.since)
    there = open_ones.filter(unsealed("conversation"), conversation__deleted_at=None)
    items = ReviewItem.objects.filter(queue=rule.queue_id, conversation=OuterRef("conversation"))
    there = there.exclude(Exists(items.filter(created_at__gte=OuterRef("created_at"))))
    return list(there.order_by("conversation").values_list("conversation", flat=True).distinct())


_Rows = Iterator[tuple[UUID, int, int]]


def _rows(turns: QuerySet[Generation]) -> _Rows:
    yield from turns.order_by("pk").values_list("message__conversation", "message", "pk")


def _of_share(rule: Rule, turns: QuerySet[Generation], *, is_of_answers: bool) -> _Rows:
    percent = _number(rule.value)
    for row in _rows(turns):
        if is_within(percent, "rule", rule.pk, row[1] if is_of_answers else row[0]):
            yield row


def _failed(_: str, turns: QuerySet[Generation]) -> _Rows:
    pictures = MessageImage.objects.filter(message=OuterRef("message"))
    is_empty = Q(status=Status.COMPLETED, message__text="") & ~Exists(pictures)
    return _rows(turns.filter(Q(status__in=_ERRORS) | is_empty))


def _with_words(words: str, turns: QuerySet[Generation]) -> _Rows:
    found = search.every(search.MESSAGES, Query(terms(words, is_begun=False)))
    return _rows(turns.filter(Q(message__in=found) | Q(message__parent__in=found)))


def _matching(text: str, turns: QuerySet[Generation]) -> _Rows:
    pattern = re2.compile(text, options=_options())
    texts = turns.order_by("pk").values_list(
        "message__conversation", "message", "pk", "message__text", "message__parent__text"
    )
    for conversation_id, message_id, turn, answer, question in texts.iterator(chunk_size=50):
        if pattern.search(answer) or (question and pattern.search(question)):
            yield conversation_id, message_id, turn


def _above(dollars: str, turns: QuerySet[Generation]) -> _Rows:
    of_turns = Completion.objects.filter(conversation__in=turns.values("message__conversation"))
    sums = of_turns.order_by().values("conversation").annotate(usd=Sum("usd_spent"))
    dear = sums.filter(usd__gt=_number(dollars)).values("conversation")
    return _rows(turns.filter(message__conversation__in=dear))


def _of_model(model_name: str, turns: QuerySet[Generation]) -> _Rows:
    return _rows(turns.filter(completion__model_name=model_name))


_FINDERS: Final[Mapping[str, Callable[[str, QuerySet[Generation]], _Rows]]] = {
    Kind.FAILED: _failed,
    Kind.WORDS: _with_words,
    Kind.PATTERN: _matching,
    Kind.COST: _above,
    Kind.LANGUAGE_MODEL: _of_model,
}


def _number(text: str) -> Decimal:
    """Return a number as people type it; one below all limits where it is none."""
    try:
        number = Decimal(text.strip().removesuffix("%").removeprefix("$").replace(",", "."))
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() else Decimal(-1)


def _problem_of_pattern(value: str) -> str:
    if not value:
        return gettext("Type a pattern.")
    try:
        re2.compile(value, options=_options())
    except re2.error as error:
        words = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        return gettext("This pattern cannot be used: %(words)s.") % {"words": words}
    return ""


def _options() -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors = PATTERN_MEMORY, False
    return options
