"""Which pictures are pages of the documents that people have open, which go with the unredacted."""

import shutil
import uuid
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

_PREFIX = "taken-"


def note_taken(folder: Path, image_id: uuid.UUID) -> None:
    """Note in the folder of a document that this image is one of its pages."""
    (folder / f"{_PREFIX}{image_id.hex}").touch()


def forget_documents_of(person: int, image_ids: Collection[uuid.UUID]) -> None:
    """Delete the person's documents from which any of these images was taken."""
    documents: Path = settings.VISION_CHAT.documents_dir / str(person)
    for image_id in image_ids:
        for noted in documents.glob(f"*/{_PREFIX}{image_id.hex}"):
            shutil.rmtree(noted.parent, ignore_errors=True)
