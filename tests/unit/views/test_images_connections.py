"""Connections to the database of requests that wait for the image worker."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import Http404
from django.test import AsyncRequestFactory

from tests.support import factories, sample_images
from tests.support.looking import LLAMA
from vision_chat.errors.images import ImageEmptyError
from vision_chat.services.single_flight import SingleFlight
from vision_chat.services.uploads.gate import UploadGate, UploadLimits
from vision_chat.views.images import image_copy, upload

pytestmark = [pytest.mark.each_database, pytest.mark.django_db(transaction=True)]
ROOMY = UploadLimits(max_unsent=9, max_unsent_bytes=10**9, per_minute=9, min_free_bytes=0)


def holds_connection() -> bool:
    """A database in memory has only one, which is never closed."""
    is_in_memory = getattr(connection, "is_in_memory_db", bool)()
    return connection.connection is not None and not is_in_memory


class Worker:
    """Takes no image. Looks at the connection of the request that waits."""

    def __init__(self) -> None:
        self.shared: SingleFlight[Any] = SingleFlight()
        self.seen: list[bool] = []

    async def run(self, *_: object) -> None:
        self.seen.append(await sync_to_async(holds_connection)())
        raise ImageEmptyError


class Writer:
    """Has a connection of its own, and no copy."""

    async def run(self, *_: object) -> dict[Any, Any]:
        return {}


def prepared(request: ASGIRequest, user: User, worker: Worker) -> ASGIRequest:
    async def auser() -> User:
        return await User.objects.aget(pk=user.pk)

    endpoint = SimpleNamespace(rules=LLAMA)
    settings = SimpleNamespace(endpoint=endpoint)
    gate = UploadGate(ROOMY)
    runtime = SimpleNamespace(images=worker, uploads=gate, writer=Writer(), default_settings=settings)
    request.scope = {**request.scope, "state": {"runtime": runtime}}
    request.user, request.auser = user, auser
    return request


def test_an_upload_that_waits_for_the_worker_holds_no_connection(ann: User) -> None:
    file = SimpleUploadedFile("chart.png", sample_images.encoded(sample_images.chart(), "PNG"))
    worker = Worker()
    request = prepared(AsyncRequestFactory().post("/images/", {"images": file}), ann, worker)

    response = asyncio.run(upload(request))
    request.close()
    assert response.status_code == 400
    assert worker.seen == [False]


def test_a_copy_that_waits_for_the_worker_holds_no_connection(ann: User) -> None:
    image = factories.image(ann)
    worker = Worker()
    request = prepared(AsyncRequestFactory().get("/"), ann, worker)

    with pytest.raises(Http404):
        asyncio.run(image_copy(request, image.pk))
    assert worker.seen == [False]
