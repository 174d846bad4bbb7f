"""Everything that is a person's as a ZIP, made while it is read: never more than a piece is in memory."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote
from uuid import UUID
from zipfile import ZipFile

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Prefetch
from django.utils import timezone

from vision_chat.models import (
    Conversation,
    Feedback,
    Message,
    Preferences,
    Preset,
    Report,
    UploadedImage,
)
from vision_chat.services.accounts._names import conversation_path, picture_path
from vision_chat.services.conversations.records import Record, record_of, time_of
from vision_chat.services.presentation.conversation_markdown import conversation_markdown
from vision_chat.services.zip_files import Pipe, add_image, entry_of, open_zip

IMAGES_AT_ONCE = 100


def pieces(person: AbstractBaseUser) -> Iterator[bytes]:
    """Yield the ZIP: account, conversations as JSON and Markdown, and the originals of images.

    Each step reads the database for itself, so several threads may take turns at them, and no connection is
    held in between.
    """
    pipe = Pipe()
    with open_zip(pipe) as archive:
        for _ in _written(archive, person):
            if piece := pipe.take():
                yield piece
    yield pipe.take()


def pieces_of_images(person: AbstractBaseUser, image_ids: Sequence[UUID]) -> Iterator[bytes]:
    """Yield a ZIP of the originals of those of these images that are the person's, as `pieces` does."""
    pipe = Pipe()
    with open_zip(pipe) as archive:
        for image in _images_of(person, image_ids):
            for _ in _written_image(archive, image):
                if piece := pipe.take():
                    yield piece
    yield pipe.take()


def _written(archive: ZipFile, person: AbstractBaseUser) -> Iterator[None]:
    """Write everything, and stop wherever enough of it may be there to be sent."""
    archive.writestr(entry_of("account.json", timezone.now()), _json(_account(person)))
    for conversation_id in _conversation_ids(person):
        _write_conversation(archive, person, conversation_id)
        yield
    for image in _images(person):
        yield from _written_image(archive, image)


def _account(person: AbstractBaseUser) -> dict[str, object]:
    email = person.get_email_field_name()
    joined = getattr(person, "date_joined", None)
    return {
        "name": person.get_username(),
        "email": getattr(person, email, ""),
        "created_at": time_of(joined) if isinstance(joined, datetime) else None,
        "instructions": Preferences.objects.instructions_of(person),
        "presets": [_preset(preset) for preset in Preset.objects.filter(owner=person.pk).order_by("name")],
        "exported_at": time_of(timezone.now()),
    }


def _preset(preset: Preset) -> dict[str, object]:
    return {
        "name": preset.name,
        "instructions": preset.system_prompt,
        "parameters": preset.parameters,
        "model": str(preset.language_model or ""),
    }


def _conversation_ids(person: AbstractBaseUser) -> Sequence[UUID]:
    begun = Conversation.objects.visible_to(person).begun()
    return list(begun.latest_first().values_list("pk", flat=True))


def _images(person: AbstractBaseUser) -> Iterator[UploadedImage]:
    return _images_of(person, list(UploadedImage.objects.owned_by(person).values_list("pk", flat=True)))


def _images_of(person: AbstractBaseUser, ids: Sequence[UUID]) -> Iterator[UploadedImage]:
    # `visible_to` would be the images of everybody, for those who review
    owned = UploadedImage.objects.owned_by(person)
    for start in range(0, len(ids), IMAGES_AT_ONCE):
        yield from list(owned.filter(pk__in=ids[start : start + IMAGES_AT_ONCE]))


def _write_conversation(archive: ZipFile, person: AbstractBaseUser, conversation_id: UUID) -> None:
    messages = Prefetch("messages", Message.objects.filter(deleted_at=None).with_details().order_by("pk"))
    found = Conversation.objects.visible_to(person).prefetch_related(messages)
    conversation = found.filter(pk=conversation_id).first()
    if conversation is None:
        return  # deleted meanwhile
    path, moment = conversation_path(conversation), conversation.updated_at
    archive.writestr(entry_of(f"{path}.json", moment), _json(_record(conversation, person)))
    archive.writestr(entry_of(f"{path}.md", moment), _markdown(conversation, person))


def _record(conversation: Conversation, person: AbstractBaseUser) -> Record:
    """Return the record of a conversation with what the person said about it and its answers."""
    given = Feedback.objects.given_by(person).filter(
        message__conversation=conversation, message__deleted_at=None
    )
    reports = conversation.reports.filter(person=person.pk)
    return record_of(conversation) | {
        "feedback": [_feedback(each) for each in given.order_by("message")],
        "reports": [_report(each) for each in reports.order_by("pk")],
    }


def _feedback(feedback: Feedback) -> dict[str, object]:
    return {
        "message_id": str(feedback.message_id),
        "mark": feedback.mark,
        "reasons": feedback.reasons,
        "comment": feedback.comment,
        "created_at": time_of(feedback.created_at),
        "changed_at": time_of(feedback.changed_at),
    }


def _report(report: Report) -> dict[str, object]:
    return {
        "reason": report.reason,
        "comment": report.comment,
        "created_at": time_of(report.created_at),
        "looked_at": time_of(report.handled_at) if report.handled_at else None,
    }


def _markdown(conversation: Conversation, person: AbstractBaseUser) -> str:
    path = list(Message.objects.branch_to(conversation.leaf_id).with_details())
    return conversation_markdown(
        conversation, path, person.get_username(), lambda image: f"../{quote(picture_path(image))}"
    )


def _written_image(archive: ZipFile, image: UploadedImage) -> Iterator[None]:
    yield from add_image(archive, picture_path(image), image.original, image.created_at)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
