"""`manage.py export_reviews`: write reviewed conversations to a file, as the admin's export has them."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import Conversation, Queue, Review
from vision_chat.services.reviews.exports import recording
from vision_chat.services.reviews.exports.choices import Branches, Choices, Format, Pictures
from vision_chat.services.reviews.exports.pieces import pieces
from vision_chat.services.reviews.exports.selections import (
    ConversationSelection,
    ItemSelection,
    Selection,
    of_server,
)


class Command(BaseCommand):
    help = (
        "Write conversations and their reviews to a file. What is exported is written to the audit log, as "
        "done by the server."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="must not exist yet")
        parser.add_argument("--queue", help="name of a queue whose items are exported")
        parser.add_argument("--owner", help="name of the person whose conversations are exported")
        parser.add_argument("--reviewed", action="store_true", help="only conversations with a review")
        parser.add_argument("--format", choices=[each.value for each in Format], default=Format.CHAT.value)
        parser.add_argument(
            "--pictures", choices=[each.value for each in Pictures], default=Pictures.LEFT_OUT.value
        )
        parser.add_argument(
            "--branches", choices=[each.value for each in Branches], default=Branches.SHOWN.value
        )
        parser.add_argument("--as-given", action="store_true", help="answers as they were, not as corrected")
        parser.add_argument("--thoughts", action="store_true", help="with the thoughts of models")
        parser.add_argument("--only-good", action="store_true", help="only with a good verdict")
        parser.add_argument("--pseudonyms", action="store_true", help="in place of names")

    def handle(self, *args: Any, **options: Any) -> None:
        choices, selection = _choices(options), _selection(options)
        filters = [name for name in ("queue", "owner", "reviewed") if options[name]]
        file: Path = options["file"]
        try:
            # what is read is not for everybody on the machine
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                recording.record(None, selection, choices, filters)
                size = _write(target, selection, choices)
        except AuditUnavailableError as error:
            file.unlink()
            raise CommandError(str(error.message)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{len(selection):,} selected, {size:,} bytes written to {file}.")


def _write(target: BinaryIO, selection: Selection, choices: Choices) -> int:
    return sum(target.write(piece) for piece in pieces(selection, choices))


def _choices(options: dict[str, Any]) -> Choices:
    return Choices(
        format=Format(options["format"]),
        pictures=Pictures(options["pictures"]),
        branches=Branches(options["branches"]),
        with_corrections=not options["as_given"],
        with_thoughts=options["thoughts"],
        only_good=options["only_good"],
        with_pseudonyms=options["pseudonyms"],
    )


def _selection(options: dict[str, Any]) -> Selection:
    conversations = Conversation.objects.order_by("created_at", "pk")
    if options["owner"]:
        conversations = conversations.filter(owner__username=options["owner"])
    if options["reviewed"]:
        conversations = conversations.filter(Exists(Review.objects.filter(conversation=OuterRef("pk"))))
    if not options["queue"]:
        return ConversationSelection(conversations, of_server())
    queue = Queue.objects.filter(name=options["queue"]).first()
    if queue is None:
        raise CommandError(f"There is no queue “{options['queue']}”.")
    return ItemSelection(queue.items.filter(conversation__in=conversations), of_server())
