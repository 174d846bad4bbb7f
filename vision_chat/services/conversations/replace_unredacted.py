"""Redact an image in earlier messages too: they show the redacted one, and the other is deleted."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale
from vision_chat.models import MessageImage, Region, UploadedImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.uploads.forgetting import forget_documents, unredacted_of
from vision_chat.services.uploads.storage import delete_unused


async def replace_unredacted(context: Context, image_id: uuid.UUID) -> None:
    """Let messages show image `image_id` instead of those that it was made from. Raises NotFoundError.

    Regions of those messages go where a part of the image may lie elsewhere than before. It cannot be undone.
    """
    owner_id, conversation_ids = await context.on_writer(_replace, image_id)
    events = [ConversationStale(conversation_id=str(each)) for each in conversation_ids]
    await context.broadcast(owner_id, *events)


def _replace(user: AbstractBaseUser, image_id: uuid.UUID) -> tuple[int, Sequence[uuid.UUID]]:
    with transaction.atomic():
        image = UploadedImage.objects.owned_by(user).select_for_update().filter(pk=image_id).first()
        if image is None:
            raise NotFoundError
        unredacted = unredacted_of(image)
        shown = MessageImage.objects.filter(image__in=unredacted)
        conversation_ids = set(shown.values_list("message__conversation", flat=True))
        for attachment in shown:
            _show(attachment, image, unredacted)
        forget_documents(unredacted)
        delete_unused(unredacted)
        figures.update(*conversation_ids)
    return image.owner_id, sorted(conversation_ids)


def _show(attachment: MessageImage, image: UploadedImage, unredacted: Sequence[UploadedImage]) -> None:
    if MessageImage.objects.filter(message=attachment.message_id, image=image).exists():
        attachment.delete()
        return
    if not _keeps_places(image, unredacted):
        Region.objects.filter(attachment=attachment).delete()
        attachment.tiles = None
    attachment.image = image
    attachment.save(update_fields=["image", "tiles"])


def _keeps_places(image: UploadedImage, unredacted: Sequence[UploadedImage]) -> bool:
    """Tell whether everything in these images is where it is in the redacted one."""
    edits = [step.edit for step in (*unredacted, *_steps(image))]
    return not any(edit.get("flip") or edit.get("turns") or edit.get("crop") for edit in edits)


def _steps(image: UploadedImage) -> list[UploadedImage]:
    steps = [image]
    while (before := steps[-1].made_from) is not None:
        steps.append(before)
    return steps
