"""Delete pictures: their files, copies and canvases go, and the messages that showed them say so."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F

from vision_chat.events import ConversationStale
from vision_chat.models import Message, MessageImage, MessageWords, UploadedImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.search.index import index_messages
from vision_chat.services.uploads.storage import delete_rows

BATCH: Final = 20
"""Pictures that are deleted together: it takes about 50 ms, for which a question waits at most."""


@dataclass(frozen=True, slots=True)
class _Deleted:
    count: int
    owner_id: int
    conversation_ids: Collection[uuid.UUID]
    """Those whose messages have shown them."""


async def delete_images(context: Context, image_ids: Sequence[uuid.UUID]) -> int:
    """Delete those of these pictures that are the person's, for good. Returns their number.

    Tabs that show a conversation of theirs fetch it again.
    """
    count = 0
    for start in range(0, len(image_ids), BATCH):
        deleted = await context.on_writer(_delete, image_ids[start : start + BATCH])
        count += deleted.count
        stale = [ConversationStale(conversation_id=str(pk)) for pk in deleted.conversation_ids]
        if stale:
            await context.broadcast(deleted.owner_id, *stale)
    return count


def _delete(user: AbstractBaseUser, image_ids: Sequence[uuid.UUID]) -> _Deleted:
    with transaction.atomic():
        own = UploadedImage.objects.owned_by(user).filter(pk__in=image_ids)
        # locked, because another tab may be sending one of them at this moment
        images = list(own.select_for_update().prefetch_related("copies").order_by("pk"))
        conversation_ids = _count_in_messages(images)
        delete_rows(images)
        figures.update(*conversation_ids)
    return _Deleted(len(images), user.pk, conversation_ids)


def _count_in_messages(images: Sequence[UploadedImage]) -> set[uuid.UUID]:
    """Take the images out of messages, which keep their number. Returns the ids of their conversations."""
    attachments = MessageImage.objects.filter(image__in=images)
    showing = list(
        attachments.order_by().values_list("message", "message__conversation").annotate(Count("pk"))
    )
    for message_id, _, count in showing:
        Message.objects.filter(pk=message_id).update(deleted_images=F("deleted_images") + count)
    attachments.delete()
    ids = [message_id for message_id, _, _ in showing]
    # a search for what has pictures finds them no more
    index_messages(list(MessageWords.objects.filter(message__in=ids).values_list("message", flat=True)))
    return {conversation_id for _, conversation_id, _ in showing}
