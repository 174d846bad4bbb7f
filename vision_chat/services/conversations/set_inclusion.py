"""Set for good which images of a conversation go with its later questions."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationChanged
from vision_chat.models import Conversation, MessageImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.vision.selection import Inclusion


async def set_inclusion(
    context: Context, conversation_id: uuid.UUID, image_id: uuid.UUID, included: Inclusion
) -> None:
    """Let an image go with later questions always, never, or by the rule, on all branches.

    Raises NotFoundError where no message of such a conversation of the person shows the image.
    """
    owner_id = await context.on_writer(_set, conversation_id, image_id, included)
    await context.broadcast(owner_id, ConversationChanged(conversation_id=str(conversation_id)))


def _set(user: AbstractBaseUser, conversation_id: uuid.UUID, image_id: uuid.UUID, included: Inclusion) -> int:
    with transaction.atomic():
        conversation = Conversation.objects.visible_to(user).begun().filter(pk=conversation_id).first()
        if conversation is None:
            raise NotFoundError
        shown = MessageImage.objects.filter(message__conversation=conversation, image=image_id)
        if not shown.update(included=included):
            raise NotFoundError
        return conversation.owner_id
