"""Answers as reviewers would have them. To correct one says nothing of the verdict."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Correction, Message
from vision_chat.services.presentation.messages import copied_text
from vision_chat.services.reviews.item_access import ItemAccess
from vision_chat.services.reviews.word_diff import Piece, word_diff
from vision_chat.services.storable import storable

MAX_LENGTH: Final = 200_000


def correct(access: ItemAccess, message_id: int, text: str) -> Correction | None:
    """Keep an answer as somebody would have it; one that is as the model wrote it is no correction.

    Raises NotFoundError, also for what is no answer.
    """
    message = access.message(message_id)
    if message.role != Message.Role.ASSISTANT:
        raise NotFoundError
    words = storable(text, "").replace("\r\n", "\n")[:MAX_LENGTH]
    own = Correction.objects.filter(message=message, author=access.person)
    if not words.strip() or words.strip() == source_of(message).strip():
        own.delete()
        return None
    with transaction.atomic():
        values = {"text": words, "changed_at": timezone.now()}
        correction, _ = Correction.objects.update_or_create(
            message=message,
            author=access.person,
            defaults=values | access.attribution,
            create_defaults=values | {"assignment": access.assignment},
        )
    return correction


def source_of(message: Message) -> str:
    """Return an answer as Markdown, as people copy it: this is what is corrected."""
    return copied_text(message)


def changes(message: Message, text: str) -> list[Piece]:
    """Return what a correction changes, word by word."""
    return word_diff(source_of(message), text)


def written_by(person_ids: Collection[int], message_ids: Collection[int]) -> Sequence[Correction]:
    """Return the corrections by these people of these answers, in the order in which they were begun."""
    written = Correction.objects.filter(author__in=person_ids, message__in=message_ids)
    return list(written.select_related("author").order_by("created_at", "pk"))
