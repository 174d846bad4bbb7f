"""Rename a conversation."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.search.index import index_title


async def rename(context: Context, conversation_id: uuid.UUID, title: str) -> None:
    """Give a conversation another title. Raises NotFoundError."""
    conversation = await context.on_writer(_rename, conversation_id, title)
    await context.broadcast(conversation.owner_id, conversation_updated(conversation))


def _rename(user: AbstractBaseUser, conversation_id: uuid.UUID, title: str) -> Conversation:
    with transaction.atomic():
        conversation = Conversation.objects.visible_to(user).begun().filter(pk=conversation_id).first()
        if conversation is None:
            raise NotFoundError
        conversation.title = title
        conversation.save(update_fields=["title"])
        index_title(conversation)
        return conversation
