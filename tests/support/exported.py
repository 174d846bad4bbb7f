"""Exports as rows and lines, without a server."""

import csv
import json
from io import StringIO
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from jsonschema import Draft202012Validator

from vision_chat.models import (
    Assignment,
    Conversation,
    Message,
    Queue,
    QueueVersion,
    Review,
    ReviewItem,
    RubricVersion,
)
from vision_chat.services.reviews.exports.choices import Choices, Format
from vision_chat.services.reviews.exports.pieces import pieces
from vision_chat.services.reviews.exports.schemas import schema_of
from vision_chat.services.reviews.exports.selections import (
    ConversationSelection,
    ItemSelection,
    Selection,
    of_server,
)


def selected(*conversations: Conversation) -> Selection:
    """Those conversations in the order in which they were made, for the server."""
    rows = Conversation.objects.filter(pk__in=[each.pk for each in conversations])
    return ConversationSelection(rows.order_by("created_at", "pk"), of_server())


def selected_items(*items: ReviewItem) -> Selection:
    return ItemSelection(ReviewItem.objects.filter(pk__in=[item.pk for item in items]), of_server())


def file_of(selection: Selection, **choices: Any) -> bytes:
    return b"".join(pieces(selection, Choices(**choices)))


def lines_of(selection: Selection, **choices: Any) -> list[dict[str, Any]]:
    """The records of an export, each of which its schema allows."""
    made = Choices(**choices)
    text = b"".join(pieces(selection, made)).decode()
    assert not text or text.endswith("\n")
    records = [json.loads(line) for line in text.split("\n") if line]
    check_lines(records, made.format)
    return records


def check_lines(records: list[dict[str, Any]], kind: Format) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for record in records:
        validator.validate(record)


def rows_of(selection: Selection, **choices: Any) -> list[dict[str, str]]:
    text = file_of(selection, format=Format.TABLE, **choices).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def queue(name: str = "Doubts", rubric: RubricVersion | None = None) -> Queue:
    version = rubric or RubricVersion.objects.default()
    made = Queue.objects.create(name=name, rubric=version.rubric)
    QueueVersion.objects.create(queue=made, number=1, rubric_version=version)
    return made


def item(inside: Queue, message: Message, *, is_answer: bool = False) -> ReviewItem:
    """An item that covers the conversation up to this message, or this answer alone."""
    return ReviewItem.objects.create(
        queue=inside,
        version=inside.versions.get(),
        conversation=message.conversation,
        message=message if is_answer else None,
        through_message_id=message.pk,
    )


def review(of: ReviewItem, author: User, verdict: str = "good", **values: Any) -> Review:
    """A verdict on an item, handed in by its reviewer."""
    assignment = Assignment.objects.create(
        item=of, reviewer=author, state=Assignment.State.DONE, expires_at=timezone.now()
    )
    assert of.conversation
    return Review.objects.create(
        conversation=of.conversation,
        author=author,
        assignment=assignment,
        rubric_version=of.version.rubric_version,
        verdict=verdict,
        **values,
    )
