"""Images that a model makes in its answer: taken out of what comes, and stored like uploads.

They are processed beside the stream, one after the other, and belong to the reply from then on: a reload
shows them, and they go back with the next question by the rules of all images.
"""

import asyncio
import binascii
import logging
from base64 import b64decode
from io import BytesIO
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils.translation import gettext

from vision_chat.errors.images import ImageError, ImageNotReadableError
from vision_chat.errors.server import ServerError
from vision_chat.models import Message, MessageImage, UploadedImage
from vision_chat.services.completions.pieces import Piece
from vision_chat.services.figures import kept as figures
from vision_chat.services.files.room import require_room
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import Processed, process
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.turn import Turn
from vision_chat.services.uploads import storage
from vision_chat.services.vision.request_rules import RequestRules

logger = logging.getLogger(__name__)

MAX_IMAGES: Final = 4
"""Images of one answer that are kept; a model may be asked for as many as a person likes."""
PATIENCE: Final = 60
"""Seconds for which the end of a reply waits for its images."""


class AnswerImages:
    """The images of one running reply. Used on the event loop."""

    def __init__(self, turn: Turn, dependencies: Dependencies) -> None:
        self.lost = 0
        """Number of images that are not kept: beyond MAX_IMAGES, or not readable."""
        self._turn = turn
        self._dependencies = dependencies
        self._tasks: list[asyncio.Task[UploadedImage | None]] = []
        self._one_at_a_time = asyncio.Lock()

    def take(self, piece: Piece) -> str:
        """Begin to store the images of a piece, and return its text, with links to those on the web."""
        text, pictures = piece.text, [*piece.pictures]
        for url in piece.image_urls:
            head, _, data = url.partition(";base64,")
            if head.lower().startswith("data:") and data:
                pictures.append(data)
            elif url.startswith(("https://", "http://")):
                text += f"\n\n[{gettext('Picture')}](<{url}>)\n\n"  # a link, which nobody follows unasked
        for data in pictures:
            self._add(data)
        return text

    @property
    def any(self) -> bool:
        """True where an image has come."""
        return bool(self._tasks)

    async def stored(self) -> list[UploadedImage]:
        """Return the images when all of them are stored, or lost."""
        if not self._tasks:
            return []
        done, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
        for task in late:
            task.cancel()
        images = [task.result() for task in self._tasks if task in done]
        self.lost += len(late) + images.count(None)
        return [image for image in images if image is not None]

    def _add(self, data: str) -> None:
        if len(self._tasks) == MAX_IMAGES:
            self.lost += 1
            return
        position = len(self._tasks)
        self._tasks.append(asyncio.create_task(self._store(data, position)))

    async def _store(self, data: str, position: int) -> UploadedImage | None:
        endpoint = self._turn.settings.endpoint
        person = self._turn.generation.completion.person_id
        try:
            async with self._one_at_a_time:
                images = self._dependencies.images
                processed = await images.run(person, _process, data, endpoint.rules)
                written = await images.files.run(person, _write, processed)
                return await self._dependencies.writer.run(
                    _attach, self._turn.reply.pk, processed, written, position
                )
        except (ImageError, ServerError, Message.DoesNotExist, OSError, DatabaseError) as error:
            logger.warning("An image of reply %s could not be kept: %r", self._turn.reply.pk, error)
            return None


def _process(data: str, rules: RequestRules) -> Processed:
    try:
        decoded = b64decode(data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
    except binascii.Error as error:
        raise ImageNotReadableError(str(error)) from error
    return process(BytesIO(decoded), Limits.of(settings.VISION_CHAT), rules)


def _write(processed: Processed) -> storage.Written:
    """Write the files of an image, unless a disk is nearly full. Raises DiskFullError and OSError."""
    require_room(settings.VISION_CHAT.min_free_bytes)
    return storage.write(processed)


def _attach(reply_id: int, processed: Processed, written: storage.Written, position: int) -> UploadedImage:
    """Write the rows of the image for the owner of the conversation, and show it in the reply."""
    try:
        reply = Message.objects.select_related("conversation__owner").get(pk=reply_id)
    except Message.DoesNotExist:
        storage.discard(written)
        raise
    owner, name = reply.conversation.owner, f"answer-{position + 1}.{processed.original.extension}"
    with transaction.atomic():
        image = storage.store_rows(owner, name, processed, written)
        MessageImage.objects.create(message=reply, image=image, position=position)
        figures.update(reply.conversation_id)
    return image
