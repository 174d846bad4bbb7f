"""What one person may upload: by a clock that the test turns, and a disk as full as the test says."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.metrics import noted
from vision_chat.errors.base import ChatError
from vision_chat.errors.images import (
    ImageEmptyError,
    TooManyUnsentBytesError,
    TooManyUnsentImagesError,
    TooManyUploadsError,
)
from vision_chat.errors.server import DiskFullError
from vision_chat.services.metrics import measured
from vision_chat.services.uploads.gate import UploadGate, UploadLimits

pytestmark = pytest.mark.each_database

ROOMY = {"max_unsent": 50, "max_unsent_bytes": 1_000_000, "per_minute": 60, "min_free_bytes": 1000}


class Stage:
    """A gate, its clock and its disk."""

    def __init__(self, **limits: int) -> None:
        self.time = 1000.0
        self.free = 1_000_000
        self.gate = UploadGate(
            UploadLimits(**(ROOMY | limits)), lambda: self.time, lambda: self.time, lambda: self.free
        )

    async def upload(self, user: User) -> None:
        async with self.gate.place(user):
            pass


def refused_with(error: type[ChatError], stage: Stage, user: User) -> bool:
    with pytest.raises(error):
        asyncio.run(stage.upload(user))
    return True


def test_more_uploads_in_a_minute_than_may_be_are_refused_until_it_is_over(ann: User, stranger: User) -> None:
    stage = Stage(per_minute=3)

    async def three() -> None:
        for _ in range(3):
            await stage.upload(ann)

    asyncio.run(three())
    assert refused_with(TooManyUploadsError, stage, ann)
    asyncio.run(stage.upload(stranger))  # others are not slowed down
    stage.time += 60
    asyncio.run(three())
    assert refused_with(TooManyUploadsError, stage, ann)


def test_unsent_images_are_counted_with_those_that_are_being_processed(ann: User, stranger: User) -> None:
    factories.image(ann)
    stage = Stage(max_unsent=3)

    async def inside(count: int, then: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with AsyncExitStack() as stack:
            for _ in range(count):
                await stack.enter_async_context(stage.gate.place(ann))
            await then()

    async def refused() -> None:
        with pytest.raises(TooManyUnsentImagesError, match="the limit is 3"):
            await stage.upload(ann)
        await stage.upload(stranger)

    asyncio.run(inside(2, refused))
    asyncio.run(stage.upload(ann))  # the places are free again


def test_an_image_that_was_sent_counts_no_more(ann: User) -> None:
    stage = Stage(max_unsent=1)
    image = factories.image(ann)
    assert refused_with(TooManyUnsentImagesError, stage, ann)
    factories.attach(factories.turn(factories.conversation(ann)), image)
    asyncio.run(stage.upload(ann))


def test_the_bytes_of_unsent_images_have_a_limit(ann: User) -> None:
    factories.image(ann)  # of five bytes
    assert refused_with(TooManyUnsentBytesError, Stage(max_unsent_bytes=5), ann)
    asyncio.run(Stage(max_unsent_bytes=6).upload(ann))


def test_nothing_is_taken_where_the_disk_is_nearly_full(ann: User) -> None:
    stage = Stage()
    stage.free = 999
    assert refused_with(DiskFullError, stage, ann)
    stage.free = 1000
    asyncio.run(stage.upload(ann))


def test_uploads_are_counted_by_what_becomes_of_them(ann: User) -> None:
    stage = Stage(per_minute=4)

    async def upload(error: BaseException | None = None) -> None:
        async with stage.gate.place(ann):
            if error:
                raise error

    async def all_of_them() -> None:
        await upload()
        for error in (ImageEmptyError(), OSError(5, "broken"), asyncio.CancelledError()):
            with pytest.raises(type(error)):
                await upload(error)
        with pytest.raises(TooManyUploadsError):
            await upload()

    with noted(measured.UPLOADS) as seen:
        asyncio.run(all_of_them())

    results = {"stored", ImageEmptyError.code, "failed", "cancelled", TooManyUploadsError.code}
    assert seen.of(measured.UPLOADS) == {(result,): 1 for result in results}
