"""Fills a data folder with conversations that were deleted an hour ago, all of one person's.

DATA_DIR=... python -m tests.attack.deleted 20000
"""

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from vision_chat.models import Conversation, Message

TURNS = 2
WORDS = "What the pictures show, and what they do not. " * 10


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs the line above
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from vision_chat.models import Conversation, Message  # noqa: PLC0415

    owner, deleted_at = User.objects.get(username="person1"), timezone.now() - timedelta(hours=1)
    with transaction.atomic():
        conversations = Conversation.objects.bulk_create(
            Conversation(owner=owner, title="Deleted", deleted_at=deleted_at) for _ in range(count)
        )
        leaves: Sequence[Message | None] = [None] * count
        for _ in range(TURNS):
            leaves = _turns(conversations, leaves)


def _turns(
    conversations: "Sequence[Conversation]", leaves: "Sequence[Message | None]"
) -> "Sequence[Message]":
    """Add a question and a reply to each, and return the replies."""
    from vision_chat.models import Completion, Generation, Message  # noqa: PLC0415
    from vision_chat.models.generation import Status  # noqa: PLC0415

    questions = Message.objects.bulk_create(
        Message(conversation=conversation, parent=leaf, role="user", text="What do they show?")
        for conversation, leaf in zip(conversations, leaves, strict=True)
    )
    replies = Message.objects.bulk_create(
        Message(conversation=question.conversation, parent=question, role="assistant", text=WORDS)
        for question in questions
    )
    completions = Completion.objects.bulk_create(
        Completion(conversation=reply.conversation, endpoint="e", model_name="m") for reply in replies
    )
    Generation.objects.bulk_create(
        Generation(message=reply, completion=completion, status=Status.COMPLETED, boot_id="b")
        for reply, completion in zip(replies, completions, strict=True)
    )
    return replies


if __name__ == "__main__":
    main(int(sys.argv[1]))
