"""Delete a conversation and restore it. Deletion only hides it; `purge` deletes after the undo window."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationRemoved, ConversationUpdated
from vision_chat.models import Conversation, Generation
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.review_queues import readability


async def delete(context: Context, conversation_id: uuid.UUID) -> None:
    """Hide a conversation until it is restored or purged, and stop its reply. Raises NotFoundError."""
    owner_id, running = await context.on_writer(_hide, conversation_id)
    await context.stop(*running)
    await context.broadcast(owner_id, ConversationRemoved(conversation_id=str(conversation_id)))


async def restore(context: Context, conversation_id: uuid.UUID) -> ConversationUpdated:
    """Undo `delete`, and return the item of the list. Raises NotFoundError after the undo window."""
    owner_id, row = await context.on_writer(_restore, conversation_id)
    updated = conversation_updated(row, image_id=row.shown_image_id, is_running=row.is_running)
    await context.broadcast(owner_id, updated)
    return updated


def _hide(user: AbstractBaseUser, conversation_id: uuid.UUID) -> tuple[int, list[int]]:
    visible = Conversation.objects.visible_to(user).begun().filter(pk=conversation_id)
    with transaction.atomic():
        if not visible.update(deleted_at=timezone.now()):
            raise NotFoundError
        readability.close_deleted([conversation_id])
    running = Generation.objects.running().filter(message__conversation=conversation_id)
    return user.pk, list(running.values_list("message_id", flat=True))


def _restore(user: AbstractBaseUser, conversation_id: uuid.UUID) -> tuple[int, Conversation]:
    owned = Conversation.objects.owned_by(user).begun().filter(pk=conversation_id)
    in_time = Q(deleted_at=None) | Q(deleted_at__gte=timezone.now() - UNDO_WINDOW)
    with transaction.atomic():
        if not owned.filter(in_time).update(deleted_at=None):
            raise NotFoundError
        readability.open_restored([conversation_id])
    return user.pk, owned.for_list().get()
