"""Whether this process can serve: what it needs, and what it can do without for a while."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import connection
from django.db.backends.base.base import NO_DB_ALIAS

from vision_chat.conf import Config
from vision_chat.server.health_checks import OK, Check
from vision_chat.services.files.room import free_bytes
from vision_chat.services.files.share import is_marked
from vision_chat.services.site import redis

KEPT_SECONDS: Final = 1.0
"""Time for which an answer stands, so that anybody may ask as often as they like."""
LOW: Final = "low"
FULL: Final = "full"
FULL_SHARE: Final = 0.1
"""Share of MIN_FREE_MEGABYTES below which nothing may be written: uploads are refused from all of it on."""


class Readiness:
    """The answers of this process's checks. They are asked once in `KEPT_SECONDS` for all who want it."""

    def __init__(self, needed: Sequence[Check], useful: Sequence[Check] = ()) -> None:
        self._needed = needed
        self._useful = useful
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._asked_at = float("-inf")

    async def report(self) -> dict[str, Any]:
        """Return the state, "ready", "degraded" or "unready", and the answer of each check."""
        now = asyncio.get_running_loop().time()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= KEPT_SECONDS):
            self._asked_at = now
            self._asking = asyncio.create_task(self._report())
        return await asyncio.shield(self._asking)

    async def _report(self) -> dict[str, Any]:
        checks = [*self._needed, *self._useful]
        given = await asyncio.gather(*(check.answer() for check in checks))
        answers = {check.name: answer for check, answer in zip(checks, given, strict=True)}
        return {"status": self._status(answers), "checks": answers}

    def _status(self, answers: Mapping[str, str]) -> str:
        if any(answers[check.name] not in {OK, LOW} for check in self._needed):
            return "unready"
        return "ready" if set(answers.values()) == {OK} else "degraded"


def readiness_of(config: Config) -> Readiness:
    """Return what is asked of the services that the settings name."""
    needed = [
        Check("database", ask_database),
        Check("storage", lambda: ask_storage(config)),
        Check("disk", lambda: ask_disk(config.min_free_bytes)),
    ]
    useful = [Check("redis", lambda: ask_redis(config))] if config.redis_url else []
    return Readiness(needed, useful)


def ask_database() -> str:
    """Let the database answer on a connection of its own: the pool may be at work, which is no fault."""
    direct = connection.copy(alias=NO_DB_ALIAS)
    try:
        with direct.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        direct.close()
    return OK


def ask_storage(config: Config) -> str:
    """Tell whether pictures can be stored and read. Raises OSError where their bucket does not answer."""
    if config.s3_bucket:
        default_storage.check()  # type: ignore[attr-defined]  # of S3Files
        return OK
    shared = config.shared_media_dir
    if shared and not is_marked(shared):
        return "not there"  # it may be that it is not mounted
    folder = config.media_dir if config.media_dir.exists() else config.data_dir
    return OK if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "not writable"


def ask_disk(min_free_bytes: int, free_bytes: Callable[[], int] = free_bytes) -> str:
    """Tell whether the disks that the server writes to have room, as uploads are told."""
    free = free_bytes()
    if free < min_free_bytes * FULL_SHARE:
        return FULL
    return LOW if free < min_free_bytes else OK


def ask_redis(config: Config) -> str:
    """Tell whether Redis answers."""
    redis.ping(config.redis_url)
    return OK
