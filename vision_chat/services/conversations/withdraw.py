"""Withdraw a message that waits: nobody gets it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import MessageRemoved
from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.services.conversations._waiting import locked_question
from vision_chat.services.conversations.context import Context


async def withdraw(context: Context, message_id: int) -> None:
    """Delete waiting message `message_id`; its images are unsent again.

    Raises NotFoundError, also where it was sent already.
    """
    conversation = await context.on_writer(_withdraw, message_id)
    removed = MessageRemoved(conversation_id=str(conversation.pk), message_id=str(message_id))
    await context.broadcast(conversation.owner_id, removed)


def _withdraw(user: AbstractBaseUser, message_id: int) -> Conversation:
    with transaction.atomic():
        conversation, message = locked_question(user, message_id)
        if message.state != Message.State.WAITING:
            raise NotFoundError
        ids = list(UploadedImage.objects.filter(messages=message_id).values_list("pk", flat=True))
        message.delete()
        # they go back to the box, out of which they would be swept where they have waited for a day
        UploadedImage.objects.unused().filter(pk__in=ids).update(created_at=timezone.now())
    return conversation
