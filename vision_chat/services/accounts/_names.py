"""Names of the files of an export, which every system can unpack: with letters of any script."""

import re

from django.utils import timezone

from vision_chat.models import Conversation, UploadedImage

FORBIDDEN = re.compile(r'[\\/:*?"<>|%#\s.]+')
"""Characters that some system takes for no part of a name, or that end one."""
MAX_LENGTH = 60
MAX_BYTES = 120
"""A name may have 255 bytes, with the date, the id and the extension."""


def plain(text: str) -> str:
    """Return the words of a text as part of a file's name, "" where none of it can be."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    short = FORBIDDEN.sub(" ", visible).strip()[:MAX_LENGTH]
    return short.encode()[:MAX_BYTES].decode(errors="ignore").strip()


def conversation_path(conversation: Conversation) -> str:
    """Return the name of a conversation's files, without an extension."""
    day = f"{timezone.localtime(conversation.created_at):%Y-%m-%d}"
    words = (day, plain(conversation.title), conversation.pk.hex[:12])
    return f"conversations/{' '.join(filter(None, words))}"


def picture_path(image: UploadedImage) -> str:
    """Return the name of an image's file."""
    stem = plain(image.name.rpartition(".")[0] or image.name)
    extension = str(image.original.name).rpartition(".")[2]
    return f"pictures/{' '.join(filter(None, (stem, image.pk.hex[:12])))}.{extension}"
