"""The cache that all processes of a site share, and one of this process for while it does not answer."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from vision_chat.services.metrics import measured
from vision_chat.services.site.redis import AWAY

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 5.0
"""Time after a failure in which nobody waits for the next one."""
_OWN_OPTIONS: Final[dict[str, Any]] = {"OPTIONS": {"MAX_ENTRIES": 10_000}}


class SiteCache:
    """Calls jobs with a cache. Used on any thread; `now` is a clock in seconds."""

    def __init__(self, shared: BaseCache, now: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._own = LocMemCache(uuid.uuid4().hex, _OWN_OPTIONS)
        self._now = now
        self._away_until = 0.0

    def run(self, job: Callable[[BaseCache], Result]) -> Result:
        """Return what `job` returns, which counts in the cache that it gets.

        It is called again, with the cache of this process, where the shared one fails in the middle of it.
        """
        if self._now() >= self._away_until:
            try:
                return job(self._shared)
            except AWAY as error:
                measured.REDIS_ERRORS.add(1, "cache")
                self._away_until = self._now() + PAUSE_SECONDS
                logger.warning("The cache does not answer, so this process counts for itself: %r", error)
        return job(self._own)


site_cache: Final = SiteCache(cache)
