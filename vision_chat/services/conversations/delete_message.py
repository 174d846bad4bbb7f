"""Delete a message with all that follows it, and restore it. `purge` deletes after the undo window."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale
from vision_chat.models import Conversation, Generation, Message, branches
from vision_chat.models.conversation import UNDO_WINDOW
from vision_chat.services.conversations._turns import (
    is_on_shown_branch,
    locked_conversation,
    locked_message,
    show,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues import readability


@dataclass(frozen=True, slots=True)
class _Deleted:
    conversation: Conversation
    running: list[int]


async def delete_message(context: Context, message_id: int) -> None:
    """Hide a message and all that follows it, until it is restored or purged, and stop what runs there.

    Shown is then its nearest sibling, else the message above it. Raises NotFoundError.
    """
    deleted = await context.on_writer(_delete, message_id)
    await context.stop(*deleted.running)
    await _tell(context, deleted.conversation)


async def restore_message(context: Context, message_id: int) -> None:
    """Undo `delete_message`, and show the message. Raises NotFoundError after the undo window."""
    await _tell(context, await context.on_writer(_restore, message_id))


async def _tell(context: Context, conversation: Conversation) -> None:
    await context.broadcast(conversation.owner_id, ConversationStale(conversation_id=str(conversation.pk)))


def _delete(user: AbstractBaseUser, message_id: int) -> _Deleted:
    with transaction.atomic():
        conversation, message = locked_message(user, message_id)
        place = Message.objects.siblings_of([message.pk]).get(message.pk)
        leaf_id = conversation.leaf_id
        if is_on_shown_branch(conversation, message.pk):
            nearest = (place.previous_id or place.next_id) if place else None
            leaf_id = message.parent_id if nearest is None else branches.leaf_below(nearest)
        below = Message.objects.below(message.pk)
        below.filter(deleted_at=None).update(deleted_at=timezone.now())
        readability.close_deleted_messages(below.values("pk"))
        show(conversation, leaf_id, outdates_pages=True)
        figures.update(conversation.pk)
        running = Generation.objects.running().filter(message__in=below.values("pk"))
        return _Deleted(conversation, list(running.values_list("message_id", flat=True)))


def _restore(user: AbstractBaseUser, message_id: int) -> Conversation:
    with transaction.atomic():
        conversation = locked_conversation(user, message_id)
        message = conversation.messages.select_related("parent").get(pk=message_id)
        if message.deleted_at is None:
            return conversation
        if message.deleted_at < timezone.now() - UNDO_WINDOW:
            raise NotFoundError
        above = message.parent.deleted_at if message.parent else None
        _set_deleted(message, message.deleted_at, above)
        readability.open_restored_messages(Message.objects.below(message.pk).values("pk"))
        if above is None:
            show(conversation, branches.leaf_below(message.pk), outdates_pages=True)
        figures.update(conversation.pk)
        return conversation


def _set_deleted(message: Message, before: datetime, moment: datetime | None) -> None:
    """Change the moment of what was deleted together.

    What hangs on something that was deleted later, comes back with that.
    """
    Message.objects.below(message.pk).filter(deleted_at=before).update(deleted_at=moment)
