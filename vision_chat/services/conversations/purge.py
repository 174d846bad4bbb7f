"""Purge conversations: rows and image files go for good."""

from collections.abc import Iterable

from django.db import transaction

from vision_chat.models import Conversation, UploadedImage
from vision_chat.services.uploads import storage


def purge(conversations: Iterable[Conversation]) -> int:
    """Delete rows now and image files after the commit. Returns how many conversations.

    Called by housekeeping and the admin, inside their own transactions.
    """
    ids = [conversation.pk for conversation in conversations]
    with transaction.atomic():
        images = list(UploadedImage.objects.filter(messages__conversation__in=ids).distinct())
        # messages point at each other and at the leaf; one deletion takes them all
        Conversation.objects.filter(pk__in=ids).delete()
        storage.delete_unused(images)
    return len(ids)


def purge_deleted() -> int:
    """Purge what was deleted longer ago than can be undone. Returns how many conversations."""
    with transaction.atomic():
        # held until they are gone: one that is restored at this moment is either back or not there
        return purge(Conversation.objects.beyond_undo().select_for_update())
