"""Rows of words that are missing, older than the fold, or not what is said: found and written again."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from vision_chat.models import (
    Conversation,
    ImageWords,
    Message,
    MessageWords,
    TitleWords,
    UploadedImage,
)
from vision_chat.models.generation import Status
from vision_chat.models.words import Words
from vision_chat.services.search import fold, matching
from vision_chat.services.search.index import (
    words_of,
    words_of_image,
    words_of_title,
    write_images,
    write_messages,
    write_titles,
)
from vision_chat.services.search.said import said_in

BATCH = 50
"""Rows that are written together: it takes about 50 ms, for which a question waits at most."""
_WINDOW = 5_000
"""Messages that are looked through together for those without words."""


class Window(NamedTuple):
    """Messages that lack words, and the id below which the next window begins; None after the last one."""

    lacking: list[int]
    below: int | None


def lacking_messages(below: int) -> Window:
    """Look through the next messages below an id, the newest first. Those that are still written are left."""
    ids = list(_settled().filter(pk__lt=below).order_by("-pk").values_list("pk", flat=True)[:_WINDOW])
    if not ids:
        return Window([], None)
    lacking = _lacking(_settled().filter(pk__gte=ids[-1], pk__lt=below)).order_by("-pk")
    return Window(list(lacking.values_list("pk", flat=True)), ids[-1])


def lacking_titles() -> list[uuid.UUID]:
    """Return the ids of conversations whose titles lack words, the oldest first."""
    return list(_lacking(Conversation.objects.begun()).order_by("created_at").values_list("pk", flat=True))


def lacking_images() -> list[uuid.UUID]:
    """Return the ids of images whose names lack words, the oldest first."""
    lacking = _lacking(UploadedImage.objects.all()).order_by("created_at", "pk")
    return list(lacking.values_list("pk", flat=True))


def repair_messages(ids: Collection[int]) -> int:
    """Write the words of those messages that differ from what they say. Returns their number."""
    with transaction.atomic():
        # so that no reply is continued, and ends, between being read here and written
        list(Message.objects.filter(pk__in=ids).select_for_update().values_list("pk"))
        differing = differing_messages(ids)
        write_messages(differing)
        return len(differing)


def repair_titles(ids: Collection[uuid.UUID]) -> int:
    """Write the words of those titles that differ from them. Returns their number."""
    with transaction.atomic():
        differing = differing_titles(ids)
        write_titles(differing)
        return len(differing)


def repair_images(ids: Collection[uuid.UUID]) -> int:
    """Write the words of those images that differ from name and alternative text. Returns their number."""
    with transaction.atomic():
        # so that none is described, or deleted, between being read here and written
        list(UploadedImage.objects.filter(pk__in=ids).select_for_update().values_list("pk"))
        differing = differing_images(ids)
        write_images(differing)
        return len(differing)


def differing_messages(ids: Collection[int]) -> list[MessageWords]:
    """Return the words as they should be of those messages whose rows differ."""
    known = MessageWords.objects.in_bulk(ids)
    settled = _settled().filter(pk__in=ids).values_list("pk", flat=True)
    due = map(words_of, said_in(list(settled)))
    return [words for words in due if _differ(words, known.get(words.message_id))]


def differing_titles(ids: Collection[uuid.UUID]) -> list[TitleWords]:
    """Return the words as they should be of those titles whose rows differ."""
    known = {words.conversation_id: words for words in TitleWords.objects.filter(conversation__in=ids)}
    due = map(words_of_title, Conversation.objects.begun().filter(pk__in=ids).order_by("created_at"))
    return [words for words in due if _differ(words, known.get(words.conversation_id))]


def differing_images(ids: Collection[uuid.UUID]) -> list[ImageWords]:
    """Return the words as they should be of those images whose rows differ."""
    known = ImageWords.objects.in_bulk(ids)
    due = map(words_of_image, UploadedImage.objects.filter(pk__in=ids).order_by("created_at", "pk"))
    return [words for words in due if _differ(words, known.get(words.image_id))]


def batches_of_messages() -> Iterator[list[int]]:
    """Return the ids of all messages in batches, the newest first."""
    below = matching.MAX_KEY
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True)
    while ids := list(newest.filter(pk__lt=below)[:BATCH]):
        yield ids
        below = ids[-1]


def batches_of_titles() -> Iterator[list[uuid.UUID]]:
    """Return the ids of all conversations in batches, the oldest first."""
    return _batches(Conversation.objects.begun().order_by("created_at").values_list("pk", flat=True))


def batches_of_images() -> Iterator[list[uuid.UUID]]:
    """Return the ids of all images in batches, the oldest first."""
    return _batches(UploadedImage.objects.order_by("created_at", "pk").values_list("pk", flat=True))


def _batches(found: Iterable[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    ids = iter(list(found))
    while batch := list(islice(ids, BATCH)):
        yield batch


def _settled() -> QuerySet[Message]:
    return Message.objects.sent().exclude(generations__status=Status.RUNNING)


def _lacking(rows: QuerySet[Model]) -> QuerySet[Model]:
    return rows.filter(Q(words=None) | ~Q(words__fold_version=fold.VERSION))


def _differ(due: Words, known: Words | None) -> bool:
    return known is None or (known.tokens, known.fold_version) != (due.tokens, due.fold_version)
