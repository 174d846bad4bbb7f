"""Pictures from before there were hashes are sorted by likeness after a start."""

import asyncio
from io import BytesIO

import pytest
from django.contrib.auth.models import User

from tests.support import factories, sample_images
from tests.support.server import running_server
from vision_chat.models import UploadedImage
from vision_chat.server import image_hashes
from vision_chat.server.alone import Alone
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import storage
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Readers, Writer


@pytest.mark.each_database
def test_a_server_hashes_after_its_start_what_no_server_has_hashed(ann: User) -> None:
    data = BytesIO(sample_images.encoded(sample_images.scene((300, 200)), "JPEG"))
    image = storage.store(ann, "scene.jpg", process(data, Limits(), RequestRules()))
    hashed = image.perceptual_hash
    UploadedImage.objects.update(perceptual_hash=None, look=None)
    with running_server() as server:
        server.until(lambda: not UploadedImage.objects.filter(perceptual_hash=None).exists())

    image.refresh_from_db()
    assert (image.perceptual_hash, image.look) == (hashed, hashed)


def test_a_failure_is_logged_and_ends_nothing_else(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    async def completed() -> None:
        readers, writer, images = Readers(), Writer(), ImageWorker()
        try:
            await image_hashes.complete(readers, writer, images, Alone(writer, "", others_may_run=False))
        finally:
            images.close()
            await readers.close()
            await writer.close()

    with factories.without_table("vision_chat_uploadedimage"):
        asyncio.run(completed())

    assert "it will be tried again at the next start" in caplog.text
