"""Export of conversations as JSON Lines: one conversation a line, with all branches."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import islice
from uuid import UUID

from channels.db import database_sync_to_async
from django.db.models import Prefetch

from vision_chat.models import Conversation, Message, Review
from vision_chat.services.conversations.records import Record, record_of, time_of

BATCH = 50
"""Number of conversations that are read into memory at a time."""


async def stream(conversation_ids: Iterable[UUID]) -> AsyncIterator[bytes]:
    """Yield the lines of these conversations in batches. One that is deleted meanwhile is left out."""
    remaining = iter(conversation_ids)
    while batch := list(islice(remaining, BATCH)):
        yield await database_sync_to_async(lines)(batch)


def lines(conversation_ids: Sequence[UUID]) -> bytes:
    """Return one line for each conversation, in the order of the ids, in six queries for all."""
    messages = Message.objects.sent().with_details().order_by("pk")
    found = (
        Conversation.objects.filter(deleted_at=None)
        .begun()
        .select_related("owner")
        .prefetch_related(
            Prefetch("messages", messages),
            Prefetch("reviews", Review.objects.select_related("author").order_by("pk")),
        )
        .in_bulk(list(conversation_ids))
    )
    records = (_record(found[pk]) for pk in conversation_ids if pk in found)
    return b"".join(
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in records
    )


def _record(conversation: Conversation) -> Record:
    reviews = [_review(review) for review in conversation.reviews.all()]
    return {**record_of(conversation), "owner": conversation.owner.get_username(), "reviews": reviews}


def _review(review: Review) -> Record:
    return {
        "verdict": review.verdict,
        "note": review.note,
        "author": review.author.get_username() if review.author else None,
        "created_at": time_of(review.created_at),
    }
