"""Counts of what a deletion includes; Django's own page would list every message."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.services.reviews import queries


class DeletionSummary(NamedTuple):
    """The return value of `ModelAdmin.get_deleted_objects`."""

    names: list[str]
    counts: dict[Any, int]
    permissions_needed: set[str]
    protected: list[str]


def deletion_summary(
    names: list[str], counts: dict[Any, int], conversations: QuerySet[Conversation]
) -> DeletionSummary:
    """Summarise the deletion of the objects called `names`, which includes `conversations`."""
    ids = list(conversations.values_list("pk", flat=True))
    messages, images = queries.count_contents(ids)
    counts = counts | {
        Conversation._meta.verbose_name_plural: len(ids),
        Message._meta.verbose_name_plural: messages,
        UploadedImage._meta.verbose_name_plural: images,
    }
    return DeletionSummary(names, counts, set(), [])
