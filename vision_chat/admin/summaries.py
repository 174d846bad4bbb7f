"""What a deletion takes along, in a few numbers: Django's own page would list every message."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.services.reviews import queries


class Summary(NamedTuple):
    """What `ModelAdmin.get_deleted_objects` answers."""

    names: list[str]
    counts: dict[Any, int]
    permissions_needed: set[str]
    protected: list[str]


def summary(names: list[str], counts: dict[Any, int], conversations: QuerySet[Conversation]) -> Summary:
    """Of `names`, which take `conversations` along."""
    ids = list(conversations.values_list("pk", flat=True))
    messages, images = queries.contents(ids)
    counts = counts | {
        Conversation._meta.verbose_name_plural: len(ids),
        Message._meta.verbose_name_plural: messages,
        UploadedImage._meta.verbose_name_plural: images,
    }
    return Summary(names, counts, set(), [])
