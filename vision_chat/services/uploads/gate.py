"""Limits of what one person uploads: how fast, and how much that is not sent; and of the disk."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.conf import MEGABYTE, Config
from vision_chat.errors.base import ChatError
from vision_chat.errors.images import (
    TooManyUnsentBytesError,
    TooManyUnsentImagesError,
    TooManyUploadsError,
)
from vision_chat.models import UploadedImage
from vision_chat.services.files.room import free_bytes, require_room
from vision_chat.services.metrics import measured
from vision_chat.services.site.limit import SiteLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Limits of one person, and the bytes that uploads leave free on the disk."""

    max_unsent: int
    max_unsent_bytes: int
    per_minute: int
    min_free_bytes: int

    @classmethod
    def of(cls, config: Config) -> "UploadLimits":
        """Return the limits that the configuration sets."""
        return cls(
            max_unsent=config.max_unsent_images,
            max_unsent_bytes=config.max_unsent_bytes,
            per_minute=config.max_uploads_per_minute,
            min_free_bytes=config.min_free_bytes,
        )


@contextmanager
def _counted() -> Iterator[None]:
    """Count an upload by what becomes of it."""
    result = "cancelled"
    try:
        yield
        result = "stored"
    except ChatError as error:
        result = error.code
        raise
    except Exception:
        result = "failed"
        raise
    finally:
        measured.UPLOADS.add(1, result)


class UploadGate:
    """Lets each upload of a process in or refuses it. Used on the event loop.

    `now` is a clock of this process in seconds, and `clock` that of all processes.
    """

    def __init__(
        self,
        limits: UploadLimits,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
        free: Callable[[], int] = free_bytes,
    ) -> None:
        self._limits = limits
        self._minute = SiteLimit("uploads", limits.per_minute, now, clock)
        self._free = free
        self._inside: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def place(self, user: AbstractBaseUser) -> AsyncIterator[None]:
        """Hold a place for one upload. Raises ImageErrors and DiskFullError."""
        with _counted():
            async with self._place(user):
                yield

    @asynccontextmanager
    async def _place(self, user: AbstractBaseUser) -> AsyncIterator[None]:
        if not await self._minute.allows(user.pk):
            raise TooManyUploadsError(limit=self._minute.limit)
        self._inside[user.pk] += 1
        try:
            await sync_to_async(self._check_room)(user, self._inside[user.pk])
            yield
        finally:
            self._inside[user.pk] -= 1
            if not self._inside[user.pk]:
                del self._inside[user.pk]

    def _check_room(self, user: AbstractBaseUser, inside: int) -> None:
        limits = self._limits
        require_room(limits.min_free_bytes, self._free)
        unsent = UploadedImage.objects.owned_by(user).size_of_unused()
        if unsent.images + inside > limits.max_unsent:
            raise TooManyUnsentImagesError(limit=limits.max_unsent)
        if unsent.bytes >= limits.max_unsent_bytes:
            raise TooManyUnsentBytesError(limit=limits.max_unsent_bytes / MEGABYTE)
