"""Deleting conversations: at once out of sight, soon really gone, with the pictures only they used."""

import uuid
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, UploadedImage
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.services import uploads


def hide(user: AbstractBaseUser, conversation_id: uuid.UUID) -> None:
    """Delete, for as long as it can be undone. Raises NotFoundError."""
    visible = Conversation.objects.visible_to(user).filter(pk=conversation_id)
    if not visible.update(deleted_at=timezone.now()):
        raise NotFoundError


def restore(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    """Undo `hide`. Raises NotFoundError where it is too late."""
    owned = Conversation.objects.owned_by(user).filter(pk=conversation_id)
    in_time = Q(deleted_at=None) | Q(deleted_at__gte=timezone.now() - UNDO_WINDOW)
    if not owned.filter(in_time).update(deleted_at=None):
        raise NotFoundError
    return owned.get()


def purge(conversations: Iterable[Conversation]) -> int:
    """Delete for good: rows now, picture files after the commit. Returns how many conversations."""
    ids = [conversation.pk for conversation in conversations]
    with transaction.atomic():
        images = list(UploadedImage.objects.filter(messages__conversation__in=ids).distinct())
        # messages point at each other and at the leaf; one deletion takes them all
        Conversation.objects.filter(pk__in=ids).delete()
        uploads.delete_unused(images)
    return len(ids)


def purge_hidden() -> int:
    """Purge what was deleted longer ago than can be undone."""
    with transaction.atomic():
        # held until they are gone: one that is restored at this moment is either back or not there
        return purge(Conversation.objects.beyond_undo().select_for_update())
