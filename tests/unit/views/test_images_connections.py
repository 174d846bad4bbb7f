"""Requests that wait for the image worker, and the connections to the database that they leave to others."""

import asyncio
from collections.abc import Callable, Coroutine
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from tests.support import sample_images
from tests.support.use_cases import SETTINGS
from vision_chat.models import UploadedImage
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.gate import UploadGate, UploadLimits
from vision_chat.services.uploads.intake import Intake
from vision_chat.services.writer import Writer
from vision_chat.views import images

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database]

CHART = sample_images.encoded(sample_images.chart(), "PNG")
LIMITS = UploadLimits(max_unsent=9, max_unsent_bytes=10**9, per_minute=9, min_free_bytes=0)


class LookingWorker(ImageWorker):
    """Notes whether the thread of the request that asks has a connection."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bool] = []

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        self.seen.append(await _is_connected())
        return await super().run(*args, **kwargs)


@sync_to_async
def _is_connected() -> bool:
    return connection.connection is not None


def answered(
    user: User, request: HttpRequest, respond: Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]
) -> tuple[int, list[bool]]:
    """Return the status of the response, and what the worker has seen."""

    async def auser() -> User:
        found = await User.objects.aget(pk=user.pk)
        assert await _is_connected()
        return found

    async def status() -> tuple[int, list[bool]]:
        writer, worker = Writer(), LookingWorker()
        gate = UploadGate(LIMITS, free=lambda: 1)
        runtime = SimpleNamespace(
            writer=writer,
            images=worker,
            uploads=gate,
            default_settings=SETTINGS,
            intake=lambda user: Intake(user, worker, Limits(), SETTINGS.endpoint.rules),
        )
        request.auser, request.user = auser, user
        request.scope = {"state": {"runtime": runtime}}  # type: ignore[attr-defined]  # as under ASGI
        try:
            response = await respond(request)
            return response.status_code, worker.seen
        finally:
            request.close()
            await sync_to_async(connections.close_all)()
            worker.close()
            await writer.close()

    return asyncio.run(status())


def test_an_upload_holds_no_connection_while_it_waits_for_the_image_worker(ann: User) -> None:
    request = AsyncRequestFactory().post("/images/", {"images": SimpleUploadedFile("chart.png", CHART)})

    assert answered(ann, request, images.upload) == (201, [False])
    assert UploadedImage.objects.owned_by(ann).count() == 1


def test_a_copy_that_is_made_for_a_page_holds_no_connection_meanwhile(ann: User) -> None:
    processed = process(BytesIO(CHART), Limits(), SETTINGS.endpoint.rules)
    image = storage.store(ann, "chart.png", processed)
    image.copies.all().delete()

    async def respond(request: HttpRequest) -> HttpResponse:
        return await images.image_copy(request, image.pk)

    assert answered(ann, AsyncRequestFactory().get("/"), respond) == (200, [False])
