"""A conversation as JSON, with all its branches: what exports have of it."""

from datetime import datetime
from typing import Any

from vision_chat.models import Conversation, Generation, Message, MessageImage

Record = dict[str, Any]


def record_of(conversation: Conversation) -> Record:
    """Return the JSON object of a conversation whose messages were fetched `with_details()`."""
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "created_at": time_of(conversation.created_at),
        "updated_at": time_of(conversation.updated_at),
        "system_prompt": conversation.system_prompt,
        "parameters": conversation.parameters,
        "leaf_id": _id(conversation.leaf_id),
        "messages": [_message(message) for message in conversation.messages.all()],
    }


def _message(message: Message) -> Record:
    generations = sorted(message.generations.all(), key=lambda generation: generation.pk)
    return {
        "id": str(message.pk),
        "parent_id": _id(message.parent_id),
        "role": message.role,
        "text": message.text,
        "created_at": time_of(message.created_at),
        "images": [_image(attachment) for attachment in message.attachments.all()],
        "deleted_images": message.deleted_images,
        "generations": [_generation(generation) for generation in generations],
    }


def _image(attachment: MessageImage) -> Record:
    image = attachment.image
    return {
        "id": str(image.pk),
        "name": image.name,
        "width": image.width,
        "height": image.height,
        "alt_text": image.alt_text,
        "regions": [region.as_choice() for region in attachment.regions.all()],
    }


def _generation(generation: Generation) -> Record:
    completion = generation.completion
    is_counted = generation.choice_index == 0  # the usage of a call that wrote several replies stands once
    return {
        "status": generation.status,
        "model_name": completion.model_name,
        "asked_model_name": completion.asked_model_name or None,
        "parameters": completion.parameters,
        "created_at": time_of(generation.created_at),
        "finish_reason": generation.finish_reason,
        "thoughts": generation.thoughts,
        "thinking_ms": generation.thinking_ms,
        "starts_at": generation.starts_at,
        "tool_calls": generation.tool_calls,
        "choice_index": generation.choice_index,
        "prompt_tokens": completion.prompt_tokens if is_counted else None,
        "completion_tokens": completion.completion_tokens if is_counted else None,
        "usd": float(completion.usd_spent) if is_counted and completion.usd_spent is not None else None,
        "error_code": generation.error_code,
    }


def time_of(moment: datetime) -> str:
    """Return a time as records have it."""
    return moment.isoformat()


def _id(pk: int | None) -> str | None:
    return None if pk is None else str(pk)
