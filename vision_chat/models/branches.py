"""The messages of a conversation, and the way through them that is the current branch."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from vision_chat.models import rows
from vision_chat.models.conversation import Conversation
from vision_chat.models.image import MessageImage, UploadedImage
from vision_chat.models.message import Message


def branch(messages: Iterable[Message], leaf_id: int | None) -> list[Message]:
    """The messages from the root to the leaf, oldest first."""
    by_id = {message.pk: message for message in messages}
    path = []
    while leaf_id is not None:
        message = by_id[leaf_id]
        path.append(message)
        leaf_id = message.parent_id
    return path[::-1]


def messages_of(conversation: Conversation) -> list[Message]:
    """All of its messages with their pictures, and nothing else: what a prompt needs at each turn.

    A prefetch builds a manager and a queryset for every message, which takes more time than the queries.
    """
    messages = rows.select(Message, {"conversation_id": conversation.pk})
    attachments: dict[int, list[MessageImage]] = {message.pk: [] for message in messages}
    for attachment in _attachments(conversation):
        attachments[attachment.message_id].append(attachment)
    for message in messages:
        message.remember("attachments", attachments[message.pk])
    return messages


_ATTACHED = (
    "WHERE message_id IN"  # noqa: S608 - only the name of a table
    f" (SELECT id FROM {Message._meta.db_table} WHERE conversation_id = %s) ORDER BY position"
)


def _attachments(conversation: Conversation) -> Sequence[MessageImage]:
    key: Any = Conversation._meta.pk
    values = [key.get_db_prep_value(conversation.pk, connection)]
    attachments = rows.read(MessageImage, _ATTACHED, values)
    if not attachments:
        return []
    images = UploadedImage.objects.in_bulk([attachment.image_id for attachment in attachments])
    for attachment in attachments:
        attachment.image = images[attachment.image_id]
    return attachments
