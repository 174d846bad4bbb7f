"""Describe a picture: write its alternative text."""

import uuid
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import UploadedImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.search.index import index_image
from vision_chat.services.storable import storable

MAX_ALT_TEXT: Final = 1_000
"""Characters of an alternative text."""


async def describe(context: Context, image_id: uuid.UUID, text: str) -> str:
    """Keep the alternative text of one's own picture, in one line. Returns it. Raises ImageGoneError."""
    line = " ".join(storable(text, "").split())[:MAX_ALT_TEXT]
    await context.on_writer(_describe, image_id, line)
    return line


def _describe(user: AbstractBaseUser, image_id: uuid.UUID, line: str) -> None:
    with transaction.atomic():
        image = UploadedImage.objects.owned_by(user).filter(pk=image_id).select_for_update().first()
        if image is None:
            raise ImageGoneError
        image.alt_text = line
        image.save(update_fields=["alt_text"])
        index_image(image)
