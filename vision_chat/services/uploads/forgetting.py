"""Deletion of what redacted images were made from, when they are sent."""

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from vision_chat.models import MessageImage, UploadedImage
from vision_chat.services.documents.taken import forget_documents_of
from vision_chat.services.uploads.storage import delete_unused


def forget_unredacted(images: Sequence[UploadedImage]) -> None:
    """Delete what shows more than the redacted ones among `images`, with all files, but what a message shows.

    Documents of which it shows a page go too.

    Called in the transaction that writes the message with `images`.
    """
    for image in images:
        redacted = _last_redaction(image)
        if redacted is not None and (unredacted := unredacted_of(image)):
            _keep_link(redacted)
            forget_documents(unredacted)
            delete_unused(unredacted)


def forget_documents(unredacted: Sequence[UploadedImage]) -> None:
    """Delete the documents of which these images of one person are pages, after the transaction."""
    ids = [image.pk for image in unredacted]
    for owner_id in {image.owner_id for image in unredacted}:
        transaction.on_commit(partial(forget_documents_of, owner_id, ids))


def _keep_link(redacted: UploadedImage) -> None:
    """Let it be made from the nearest image that stays, because a message shows that."""
    before = redacted.made_from
    while before is not None and not before.attachments.exists():
        before = before.made_from
    UploadedImage.objects.filter(pk=redacted.pk).update(made_from=before)


def unredacted_of(image: UploadedImage) -> list[UploadedImage]:
    """Return the images that may show what was redacted in this one: it was made from them, as they were."""
    redacted = _last_redaction(image)
    if redacted is None or redacted.made_from is None:
        return []
    first = redacted.made_from
    while first.made_from is not None:
        first = first.made_from
    return list(UploadedImage.objects.filter(pk__in=_with_made({first.pk}, without=redacted.pk)))


def is_shown_unredacted(image: UploadedImage) -> bool:
    """Tell whether a message shows one of those images."""
    return MessageImage.objects.filter(image__in=unredacted_of(image)).exists()


def _last_redaction(image: UploadedImage) -> UploadedImage | None:
    """Return the image of the latest edit, up to this one, that redacted something."""
    if not image.redactions:
        return None
    step: UploadedImage | None = image
    while step is not None and not step.is_redacted_here:
        step = step.made_from
    return step


def _with_made(ids: set[uuid.UUID], without: uuid.UUID) -> set[uuid.UUID]:
    """Return these with all that were made from them, however often, except for one with all made from it."""
    found, latest = set(ids), set(ids)
    while latest:
        made = UploadedImage.objects.filter(made_from__in=latest).values_list("pk", flat=True)
        latest = set(made) - found - {without}
        found |= latest
    return found
