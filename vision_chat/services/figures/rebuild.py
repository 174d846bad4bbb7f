"""Rows of figures that are missing or not what is counted: found and written again."""

import uuid
from collections.abc import Collection, Iterator
from itertools import islice

from django.db import transaction

from vision_chat.models import Conversation, ConversationFigures
from vision_chat.services.figures import kept
from vision_chat.services.figures.computed import computed

BATCH = 100
"""Conversations that are counted together: it takes about 50 ms, for which a question waits at most."""


def batches() -> Iterator[list[uuid.UUID]]:
    """Return the ids of all conversations that have begun in batches, the oldest first."""
    ids = iter(list(Conversation.objects.begun().order_by("created_at").values_list("pk", flat=True)))
    while batch := list(islice(ids, BATCH)):
        yield batch


def make_missing() -> int:
    """Make the rows of some conversations that have none, because older code began them. Returns how many."""
    without = Conversation.objects.begun().filter(figures=None).values_list("pk", flat=True)
    return kept.write(list(without[:BATCH]))


def differing(conversation_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return those whose rows are missing, or differ from what is counted."""
    with transaction.atomic():
        rows = ConversationFigures.objects.in_bulk(list(conversation_ids))
        due = computed(conversation_ids)
    return [pk for pk, each in due.items() if pk not in rows or kept.differ(each, rows[pk])]
