"""Fills a data folder with people who have much, and others to compare them with.

    DATA_DIR=... python -m tests.bench.lengths

Prints for each kind the session key and the address of a page as JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta

import django

from tests.bench.people import session_of

SIBLINGS = 10_000
BATCH = 500


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs the line above
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    made: dict[str, tuple[str, str]] = {}
    for kind, fill in KINDS.items():
        with transaction.atomic():
            person = User.objects.create(username=kind, password="!")
            made[kind] = (session_of(person), fill(person))
    factories.index_all()
    sys.stdout.write(json.dumps(made))


def _long(count: int) -> Callable[[object], str]:
    def fill(owner: object) -> str:
        from django.contrib.auth.models import User  # noqa: PLC0415

        from tests.support import factories  # noqa: PLC0415
        from tests.support.fake_scenarios import recital  # noqa: PLC0415
        from vision_chat.models import Completion, Message  # noqa: PLC0415
        from vision_chat.models.completion import summary_of  # noqa: PLC0415

        assert isinstance(owner, User)
        ids = factories.long_conversation(owner, count)
        rows = list(Message.objects.filter(pk__in=ids).order_by("pk"))
        for number, row in enumerate(rows):
            row.text = recital(number, 60) if number % 2 else f"What does picture {number} show?"
        Message.objects.bulk_update(rows, ["text"], batch_size=BATCH)
        # what an answer says was sent for it: the messages that fit a context of 32,768 tokens
        sent = [_sent_message(pk) for pk in ids[-400:]]
        Completion.objects.filter(conversation=rows[0].conversation_id).update(
            request=sent, request_summary=summary_of(sent)
        )
        return f"/c/{rows[0].conversation_id}/"

    return fill


def _sent_message(message_id: int) -> dict[str, object]:
    text = {"length": 300, "sha256": f"{message_id:064x}"}
    return {"role": "user", "message_ids": [message_id], "text": text}


def _siblings(owner: object) -> str:
    """One question with 10,000 answers, the last of which is shown."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415
    from vision_chat.models import Completion, Generation, Message  # noqa: PLC0415

    assert isinstance(owner, User)
    inside = factories.conversation(owner, "Many answers")
    last = factories.turn(inside, "What is this?", "A staircase.")
    Message.objects.bulk_create(
        (
            Message(conversation=inside, parent_id=last.parent_id, role="assistant", text=f"Answer {number}.")
            for number in range(SIBLINGS - 1)
        ),
        batch_size=BATCH,
    )
    others = list(inside.messages.filter(parent=last.parent_id).exclude(pk=last.pk).order_by("pk"))
    completions = Completion.objects.bulk_create(
        (Completion(conversation=inside, person=owner) for _ in others), batch_size=BATCH
    )
    Generation.objects.bulk_create(
        (
            Generation(message=other, completion=completion, status="completed")
            for other, completion in zip(others, completions, strict=True)
        ),
        batch_size=BATCH,
    )
    inside.leaf = others[-1]
    inside.save(update_fields=["leaf"])
    return f"/c/{inside.pk}/"


def _many(count: int) -> Callable[[object], str]:
    def fill(owner: object) -> str:
        from django.contrib.auth.models import User  # noqa: PLC0415
        from django.db.models import OuterRef  # noqa: PLC0415
        from django.utils import timezone  # noqa: PLC0415

        from tests.support import factories  # noqa: PLC0415
        from vision_chat.models import Conversation, Message  # noqa: PLC0415

        assert isinstance(owner, User)
        now = timezone.now()
        rows = Conversation.objects.bulk_create(
            (
                Conversation(
                    owner=owner,
                    title=f"What picture {number} shows",
                    updated_at=now - timedelta(minutes=number),
                )
                for number in range(count)
            ),
            batch_size=BATCH,
        )
        Message.objects.bulk_create(
            (Message(conversation=row, role="user", text="What is this?", author=owner) for row in rows),
            batch_size=BATCH,
        )
        for row in rows[:60]:
            row.leaf = factories.turn(row)
        Conversation.objects.filter(leaf=None, owner=owner).update(
            leaf=Message.objects.filter(conversation=OuterRef("pk")).values("pk")[:1]
        )
        return "/"

    return fill


def _pictures(count: int) -> Callable[[object], str]:
    def fill(owner: object) -> str:
        from django.contrib.auth.models import User  # noqa: PLC0415

        from tests.support.gallery import shown_images  # noqa: PLC0415

        assert isinstance(owner, User)
        shown_images(owner, count)
        return "/pictures/"

    return fill


KINDS: dict[str, Callable[[object], str]] = {
    "of 50": _long(50),
    "of 2,000": _long(2_000),
    "of 500": _long(500),
    "of siblings": _siblings,
    "60": _many(60),
    "20,000": _many(20_000),
    "of 60 pictures": _pictures(60),
    "of 20,000 pictures": _pictures(20_000),
}

if __name__ == "__main__":
    main()
