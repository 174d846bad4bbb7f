"""Edits of uploaded images: each makes a new image, and keeps the one before until it is sent."""

from typing import Any, BinaryIO, Final, cast

import msgspec
from asgiref.sync import sync_to_async
from django.db.utils import DatabaseError

from vision_chat.errors.images import ImageNotStoredError
from vision_chat.models import UploadedImage
from vision_chat.services.images.edits import Edit
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.processing import Processed, process_edit
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import storage
from vision_chat.services.vision.request_rules import RequestRules

_NOTES_OF_SIZE: Final = frozenset({ImageNote.REDUCED, ImageNote.TOO_LONG_TO_READ})


async def edit_image(
    image: UploadedImage, edit: Edit, worker: ImageWorker, limits: Limits, rules: RequestRules
) -> UploadedImage:
    """Make the edited image of this one, at full size, and store it beside it. Raises ImageErrors."""
    try:
        with await worker.files.run(image.owner_id, _opened, image) as file:
            processed = await worker.run(
                image.owner_id, process_edit, file, edit, image.source_format, limits, rules
            )
        return await sync_to_async(_store)(image, edit, processed)
    except (OSError, DatabaseError) as error:
        raise ImageNotStoredError(repr(error)) from error


def _opened(image: UploadedImage) -> BinaryIO:
    # through the storage, because a row's field has one file, which another thread may be reading
    return cast(BinaryIO, image.original.storage.open(str(image.original.name), "rb"))


def _store(image: UploadedImage, edit: Edit, processed: Processed) -> UploadedImage:
    kept = [note for note in image.notes if note not in _NOTES_OF_SIZE]
    return storage.store(
        image.owner,
        image.name,
        processed,
        made_from=image,
        edit=_record(image, edit, processed),
        source=image.source,
        notes=[*kept, *processed.notes],
        removed=image.removed,
        # it may say what is redacted
        alt_text="" if edit.redactions else image.alt_text,
    )


def _record(image: UploadedImage, edit: Edit, processed: Processed) -> dict[str, Any]:
    """Describe the edit: of redacted areas only the number, here and in all; of marks where they are now."""
    return {
        "flip": edit.flip,
        "turns": edit.turns,
        "crop": msgspec.to_builtins(edit.crop),
        "redactions": len(edit.redactions),
        "redacted": image.redactions + len(edit.redactions),
        "marks": msgspec.to_builtins(list(processed.marks)),
    }
