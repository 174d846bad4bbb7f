"""Begin a new conversation with a copy of a branch."""

import uuid
from itertools import pairwise

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, Message
from vision_chat.services.conversations._copies import copy_contents
from vision_chat.services.conversations._turns import locked_message, refuse_running
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.search.index import index_messages, index_title

INDEX_BATCH = 50
"""Messages whose words are written together: it takes about 50 ms, for which a question waits at most."""


async def new_chat_from(context: Context, message_id: int) -> uuid.UUID:
    """Copy the branch that ends with message `message_id` into a new conversation with the same settings.

    Returns the new conversation's id. Raises NotFoundError, and ReplyRunningError where that message is still
    written.
    """
    conversation, ids = await context.on_writer(_copy, message_id)
    for start in range(0, len(ids), INDEX_BATCH):
        await context.on_writer(_index, ids[start : start + INDEX_BATCH])
    row = await context.on_reader(_row, conversation.pk)
    updated = conversation_updated(conversation, image_id=row and row.shown_image_id)
    await context.broadcast(conversation.owner_id, updated)
    return conversation.pk


def _copy(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, list[int]]:
    with transaction.atomic():
        before, message = locked_message(user, message_id)
        refuse_running(message.pk)
        conversation = Conversation.objects.create(
            owner_id=user.pk,
            title=before.title,
            system_prompt=before.system_prompt,
            language_model_id=before.language_model_id,
            parameters=before.parameters,
        )
        index_title(conversation)
        originals = list(Message.objects.branch_to(message.pk).with_details())
        made = Message.objects.bulk_create(
            Message(
                conversation=conversation,
                role=original.role,
                text=original.text,
                author_id=original.author_id,
                created_at=original.created_at,
            )
            for original in originals
        )
        for above, below in pairwise(made):
            below.parent, above.shown_child = above, below
        Message.objects.bulk_update(made, ["parent", "shown_child"], batch_size=100)
        copy_contents(zip(originals, made, strict=True))
        conversation.leaf = made[-1]
        conversation.save(update_fields=["leaf"])
        return conversation, [copy.pk for copy in made]


def _index(_user: AbstractBaseUser, ids: list[int]) -> None:
    index_messages(ids)


def _row(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation | None:
    return Conversation.objects.visible_to(user).for_list().filter(pk=conversation_id).first()
