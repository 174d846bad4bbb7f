"""How often a person may do something in a minute, in all processes of the site together."""

import time
from collections.abc import Callable, Hashable
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache.backends.base import BaseCache

from vision_chat.services.sharing.minute_limit import MINUTE, MinuteLimit
from vision_chat.services.site.cache import SiteCache, site_cache

_KEPT_SECONDS: Final = 120


class SiteLimit:
    """Lets each person in so many times a minute. Used on the event loop.

    `now` is this process's clock in seconds, and `clock` that of all processes. Each process counts those of
    the last 60 seconds. Where a cache is shared, those of all processes are counted there too, from one full
    minute of the clock to the next.
    """

    def __init__(
        self,
        name: str,
        limit: int,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
        counters: SiteCache = site_cache,
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._counters = counters
        self._name = name
        self._here = MinuteLimit(limit, now)

    async def allows(self, person: Hashable) -> bool:
        """Count one more time, unless there were as many as may be. Returns whether that was so."""
        if not self._here.allows(person):
            return False
        return not settings.VISION_CHAT.redis_url or await sync_to_async(self._is_allowed_by_all)(person)

    def _is_allowed_by_all(self, person: Hashable) -> bool:
        key = f"minute:{self._name}:{person}:{self._clock() // MINUTE:.0f}"

        def count(cache: BaseCache) -> int:
            if cache.add(key, 1, _KEPT_SECONDS):
                return 1
            try:
                return int(cache.incr(key))
            except ValueError:  # it was emptied meanwhile
                return 1

        return self._counters.run(count) <= self.limit
