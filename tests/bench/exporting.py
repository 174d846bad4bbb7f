"""Exports conversations from a database that it fills, and prints as JSON what that took.

    DATA_DIR=... DATABASE_URL=... python -m tests.bench.exporting fill 100000
    DATA_DIR=... DATABASE_URL=... python -m tests.bench.exporting export 10000

Each export is a process of its own, because memory that was taken once is not given back.
"""

import json
import os
import resource
import sys
import time
from typing import Any

import django

IN_A_CONVERSATION = 20
TEXT = "What a reviewer reads is as long as answers are, and has Größe, 猫 and “quotation marks”. " * 8
BATCH = 100


def main(what: str, count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    if what == "fill":
        fill(count)
    else:
        export(count)


def fill(count: int) -> None:
    """Write conversations with turns and a review each."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs what `main` does first
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    owner = User.objects.create_user("exported")
    for _ in range(0, count // IN_A_CONVERSATION, BATCH):
        fill_batch(owner)


def fill_batch(owner: Any) -> None:
    from vision_chat.models import Completion, Conversation, Generation, Message, Review  # noqa: PLC0415

    made = Conversation.objects.bulk_create(
        Conversation(owner=owner, title="An exported one") for _ in range(BATCH)
    )
    leaves: dict[object, Message] = {}
    for place in range(IN_A_CONVERSATION):
        rows = Message.objects.bulk_create(
            Message(
                conversation=each,
                parent=leaves.get(each.pk),
                role="assistant" if place % 2 else "user",
                text=TEXT,
            )
            for each in made
        )
        leaves = {row.conversation_id: row for row in rows}
        if place % 2:
            completions = Completion.objects.bulk_create(
                Completion(conversation=each, person=owner, model_name="fake/vision") for each in made
            )
            Generation.objects.bulk_create(
                Generation(message=row, completion=completion, status="completed")
                for row, completion in zip(rows, completions, strict=True)
            )
    for each in made:
        each.leaf = leaves[each.pk]
    Conversation.objects.bulk_update(made, ["leaf"])
    Review.objects.bulk_create(Review(conversation=each, verdict="good", note=TEXT) for each in made)


def export(count: int) -> None:
    """Export as a server does, and throw away what comes."""
    from vision_chat.models import Conversation  # noqa: PLC0415
    from vision_chat.services.reviews.exports.choices import Choices  # noqa: PLC0415
    from vision_chat.services.reviews.exports.pieces import pieces  # noqa: PLC0415
    from vision_chat.services.reviews.exports.selections import (  # noqa: PLC0415
        ConversationSelection,
        of_server,
    )

    conversations = Conversation.objects.order_by("created_at", "pk")[: count // IN_A_CONVERSATION]
    before = peak_mb()
    begun = time.monotonic()
    chosen = Conversation.objects.filter(pk__in=conversations.values("pk")).order_by("created_at", "pk")
    selection = ConversationSelection(chosen, of_server())
    sizes = [len(piece) for piece in pieces(selection, Choices())]
    figures = {
        "conversations": len(selection),
        "bytes": sum(sizes),
        "largest_piece": max(sizes),
        "seconds": time.monotonic() - begun,
        "peak_mb": peak_mb() - before,
    }
    sys.stdout.write(json.dumps(figures))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
