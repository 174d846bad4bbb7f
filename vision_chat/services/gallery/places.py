"""The places of a picture: the messages that show it, on whatever branch."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Message

MAX_PLACES: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A message that shows a picture."""

    message_id: int
    conversation_id: uuid.UUID
    title: str
    """That of its conversation."""
    text: str
    role: str
    created_at: datetime


def places_of(
    user: AbstractBaseUser, image_ids: Collection[uuid.UUID], limit: int = MAX_PLACES
) -> list[Place]:
    """Return the newest messages of the person that show one of these pictures."""
    messages = Message.objects.visible_to(user).sent().filter(attachments__image__in=image_ids)
    columns = ("pk", "conversation_id", "conversation__title", "text", "role", "created_at")
    rows = messages.order_by("-pk").values_list(*columns).distinct()
    return [Place(*row) for row in rows[:limit]]
