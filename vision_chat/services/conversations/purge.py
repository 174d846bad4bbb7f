"""Purge conversations and messages: delete rows and image files for good."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.models.conversation import UNDO_WINDOW, ConversationQuerySet
from vision_chat.services.review_queues import readability
from vision_chat.services.uploads import storage

BATCH = 50
"""Most conversations of a batch."""
BATCH_MESSAGES = 500
"""Messages after which a batch ends: it takes about 50 ms, for which a question waits at most."""


def purge(conversations: Iterable[Conversation]) -> int:
    """Delete conversations with their rows now, and image files after the commit. Returns their number.

    May be called within a transaction, as the admin does.
    """
    ids = [conversation.pk for conversation in conversations]
    with transaction.atomic():
        # before the rows go: whoever hands in a verdict holds the item, and then needs the conversation
        readability.close_deleted(ids)
        images = list(UploadedImage.objects.filter(messages__conversation__in=ids).distinct())
        # cascades to messages, which refer to each other
        Conversation.objects.filter(pk__in=ids).delete()
        storage.delete_unused(images)
    return len(ids)


def purge_deleted() -> int:
    """Purge a batch of the conversations whose undo window has passed. Returns their number, 0 at last."""
    return purge_batch(Conversation.objects.beyond_undo().order_by("deleted_at"))


def purge_deleted_messages() -> int:
    """Purge a batch of the messages whose undo window has passed. Returns their number, 0 at last.

    What they have cost stays with their conversation. Images that another message shows stay too.
    """
    # the newest first: what follows a message was deleted with it or before, and is gone when that goes
    expired = Message.objects.filter(deleted_at__lt=timezone.now() - UNDO_WINDOW).order_by("-pk")
    with transaction.atomic():
        ids = list(expired.select_for_update().values_list("pk", flat=True)[:BATCH_MESSAGES])
        readability.close_deleted_messages(ids)
        images = list(UploadedImage.objects.filter(messages__in=ids).distinct())
        Message.objects.filter(pk__in=ids).delete()
        storage.delete_unused(images)
    return len(ids)


def purge_abandoned() -> int:
    """Purge a batch of those that were never begun, after a day. Returns their number, 0 at last."""
    return purge_batch(Conversation.objects.abandoned().order_by("updated_at"))


def purge_batch(conversations: ConversationQuerySet) -> int:
    """Purge the first few of `conversations`. Returns their number, 0 where there are none."""
    with transaction.atomic():
        # Locked, so that one that is restored at this moment is either restored or purged; not against keys,
        # before items are closed: whoever hands in a verdict holds the item, and refers to the conversation.
        batch = conversations.filter(pk__in=_next_batch(conversations))
        return purge(batch.select_for_update(no_key=True))


def _next_batch(conversations: ConversationQuerySet) -> list[UUID]:
    """Return the ids of conversations that together have few messages, at least one where there is any."""
    first = conversations[:BATCH].values("pk")
    counted = Conversation.objects.filter(pk__in=[row["pk"] for row in first]).annotate(
        count=Count("messages")
    )
    batch: list[UUID] = []
    messages = 0
    for conversation_id, count in counted.values_list("pk", "count"):
        messages += count
        if batch and messages > BATCH_MESSAGES:
            break
        batch.append(conversation_id)
    return batch
