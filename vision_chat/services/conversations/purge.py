"""Purge conversations: delete rows and image files for good."""

from collections.abc import Iterable

from django.db import transaction

from vision_chat.models import Conversation, UploadedImage
from vision_chat.services.uploads import storage


def purge(conversations: Iterable[Conversation]) -> int:
    """Delete conversations with their rows now, and image files after the commit. Returns their number.

    May be called within a transaction, as the admin does.
    """
    ids = [conversation.pk for conversation in conversations]
    with transaction.atomic():
        images = list(UploadedImage.objects.filter(messages__conversation__in=ids).distinct())
        # cascades to messages, which refer to each other
        Conversation.objects.filter(pk__in=ids).delete()
        storage.delete_unused(images)
    return len(ids)


def purge_deleted() -> int:
    """Purge conversations whose undo window has passed. Returns their number."""
    with transaction.atomic():
        # locked, so that one that is restored at this moment is either restored or purged
        return purge(Conversation.objects.beyond_undo().select_for_update())
