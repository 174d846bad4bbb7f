"""Index what was said, once: when a message is sent, a reply ends, a title changes. On the writer's thread.

A failure is logged and undone by itself, so that it keeps no message from being sent and no reply from
settling; `rebuild` finds what is missing.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from vision_chat.models import Conversation, Generation, Message, MessageImage, MessageWords, TitleWords
from vision_chat.services.search import fold
from vision_chat.services.search.marks import WITH_IMAGES, age_mark, age_of, owner_mark
from vision_chat.services.search.visible import visible_text

logger = logging.getLogger(__name__)


def index_question(message: Message, owner_id: int, *, has_images: bool) -> None:
    """Index a message that was just sent."""
    with _aside(f"Message {message.pk}"):
        write_messages([words_of(message, owner_id, has_images=has_images)])


def index_replies(message_ids: Collection[int]) -> None:
    """Index replies that have ended, in whatever way."""
    with _aside(f"Replies {list(message_ids)}"):
        write_messages(list(map(words_of_row, rows_of(message_ids))))


def index_title(conversation: Conversation) -> None:
    """Index a title, which is new or was changed."""
    with _aside(f"The title of {conversation.pk}"):
        write_titles([words_of_title(conversation)])


@contextmanager
def _aside(what: str) -> Iterator[None]:
    """Log an exception instead of raising it, and undo what was written until then."""
    try:
        with transaction.atomic():
            yield
    except Exception:
        logger.exception("%s cannot be searched: run manage.py rebuild_search", what)


def rows_of(message_ids: Collection[int], *, is_locked: bool = False) -> QuerySet[Message]:
    """Return the rows of messages with what `words_of_row` reads of them."""
    generations = Generation.objects.only("message_id", "starts_at", "thoughts")
    rows = (
        Message.objects.filter(pk__in=message_ids)
        .select_related("conversation")
        .only("role", "text", "conversation__owner_id")
        .prefetch_related(Prefetch("generations", generations))
        .annotate(has_images=Exists(MessageImage.objects.filter(message=OuterRef("pk"))))
    )
    return rows.select_for_update(of=("self",)) if is_locked else rows


def words_of_row(message: Message) -> MessageWords:
    """Return the words of a row of `rows_of`."""
    has_images: bool = message.has_images  # type: ignore[attr-defined]  # an annotation
    return words_of(message, message.conversation.owner_id, has_images=has_images)


def words_of(message: Message, owner_id: int, *, has_images: bool) -> MessageWords:
    """Return the words of a message, whose generations are prefetched where it is a reply."""
    marks = [owner_mark(owner_id), age_mark(age_of(message.pk)), *([WITH_IMAGES] if has_images else [])]
    return MessageWords(message=message, **_columns(marks, visible_text(message)))


def words_of_title(conversation: Conversation) -> TitleWords:
    """Return the words of a conversation's title."""
    return TitleWords(
        conversation=conversation, **_columns([owner_mark(conversation.owner_id)], conversation.title)
    )


def _columns(marks: list[str], text: str) -> dict[str, object]:
    return {"tokens": " ".join(marks + fold.tokens(text)), "fold_version": fold.VERSION}


def write_messages(rows: list[MessageWords]) -> None:
    """Insert rows, or put them in the place of earlier ones."""
    MessageWords.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["tokens", "fold_version"],
    )


def write_titles(rows: list[TitleWords]) -> None:
    """Insert rows, or put them in the place of earlier ones."""
    TitleWords.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["conversation"],
        update_fields=["tokens", "fold_version"],
    )
