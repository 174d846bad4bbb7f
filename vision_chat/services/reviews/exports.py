"""Export of conversations as JSON Lines: one conversation a line, with all branches."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.db.models import Prefetch

from vision_chat.models import Conversation, Generation, Message, MessageImage, Review

BATCH = 50
"""Number of conversations that are read into memory at a time."""

Record = dict[str, Any]


async def stream(conversation_ids: Iterable[UUID]) -> AsyncIterator[bytes]:
    """Yield the lines of these conversations in batches. One that is deleted meanwhile is left out."""
    remaining = iter(conversation_ids)
    while batch := list(islice(remaining, BATCH)):
        yield await database_sync_to_async(lines)(batch)


def lines(conversation_ids: Sequence[UUID]) -> bytes:
    """Return one line for each conversation, in the order of the ids, in five queries for all."""
    messages = Message.objects.sent().with_details().order_by("pk")
    found = (
        Conversation.objects.filter(deleted_at=None)
        .select_related("owner")
        .prefetch_related(
            Prefetch("messages", messages),
            Prefetch("reviews", Review.objects.select_related("author").order_by("pk")),
        )
        .in_bulk(list(conversation_ids))
    )
    records = (_conversation(found[pk]) for pk in conversation_ids if pk in found)
    return b"".join(
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in records
    )


def _conversation(conversation: Conversation) -> Record:
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "owner": conversation.owner.get_username(),
        "created_at": _time(conversation.created_at),
        "updated_at": _time(conversation.updated_at),
        "leaf_id": _id(conversation.leaf_id),
        "messages": [_message(message) for message in conversation.messages.all()],
        "reviews": [_review(review) for review in conversation.reviews.all()],
    }


def _message(message: Message) -> Record:
    generations = sorted(message.generations.all(), key=lambda generation: generation.pk)
    return {
        "id": str(message.pk),
        "parent_id": _id(message.parent_id),
        "role": message.role,
        "text": message.text,
        "created_at": _time(message.created_at),
        "images": [_image(attachment) for attachment in message.attachments.all()],
        "generations": [_generation(generation) for generation in generations],
    }


def _image(attachment: MessageImage) -> Record:
    image = attachment.image
    return {"id": str(image.pk), "name": image.name, "width": image.width, "height": image.height}


def _generation(generation: Generation) -> Record:
    completion = generation.completion
    return {
        "status": generation.status,
        "model_name": completion.model_name,
        "created_at": _time(generation.created_at),
        "finish_reason": generation.finish_reason,
        "thoughts": generation.thoughts,
        "thinking_ms": generation.thinking_ms,
        "starts_at": generation.starts_at,
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "usd": None if completion.usd_spent is None else float(completion.usd_spent),
        "error_code": generation.error_code,
    }


def _review(review: Review) -> Record:
    return {
        "verdict": review.verdict,
        "note": review.note,
        "author": review.author.get_username() if review.author else None,
        "created_at": _time(review.created_at),
    }


def _time(moment: datetime) -> str:
    return moment.isoformat()


def _id(pk: int | None) -> str | None:
    return None if pk is None else str(pk)
