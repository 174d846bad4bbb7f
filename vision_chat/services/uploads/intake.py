"""The way of one picture into the store, from wherever it comes: processed, then saved."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import UploadedImage
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.metrics import measured
from vision_chat.services.uploads.storage import store
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """Takes pictures of one person; `rules` are those of the model whose copy is made at once."""

    user: AbstractBaseUser
    worker: ImageWorker
    limits: Limits
    rules: RequestRules

    async def take(
        self, path: Path, name: str, source: UploadedImage.Source, *, source_format: str = ""
    ) -> UploadedImage:
        """Process the file and store what comes out. Raises ImageErrors, OSError and DatabaseError.

        `source_format` is the format that it has for people, where the file's own is only a step on its way.
        """
        processed = await self.worker.run(self.user.pk, process, path, self.limits, self.rules)
        if source_format:
            processed = dataclasses.replace(processed, source_format=source_format)
        image = await sync_to_async(store)(self.user, name, processed, source=source)
        measured.UPLOAD_BYTES.add(len(processed.original.data))
        return image
