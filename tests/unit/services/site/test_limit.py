"""How often a person may do something, in all processes of a site."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache.backends.locmem import LocMemCache

from vision_chat.services.site.cache import SiteCache
from vision_chat.services.site.limit import SiteLimit


async def let_in(limit: SiteLimit, person: int, times: int) -> list[bool]:
    return [await limit.allows(person) for _ in range(times)]


def test_one_process_counts_by_itself() -> None:
    assert asyncio.run(let_in(SiteLimit("alone", 2), 1, 3)) == [True, True, False]
    assert asyncio.run(let_in(SiteLimit("alone", 2), 1, 3)) == [True, True, False]


def test_processes_that_share_a_cache_count_together(settings: Any) -> None:
    settings.VISION_CHAT = replace(
        settings.VISION_CHAT, redis_url=configured.VISION_CHAT.redis_url or "redis://any"
    )
    one, other = (SiteLimit("together", 3, now=lambda: 0.0, clock=lambda: 59.0) for _ in range(2))

    assert asyncio.run(let_in(one, 1, 2)) == [True, True]
    assert asyncio.run(let_in(other, 1, 2)) == [True, False]
    assert asyncio.run(let_in(other, 2, 1)) == [True], "others are not slowed down"


class Emptied(LocMemCache):
    """A shared cache that is emptied before it counts."""

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        self.clear()
        return int(super().incr(key, delta, version))


def test_where_the_cache_is_emptied_it_counts_anew(settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, redis_url="redis://any")
    shared = SiteCache(Emptied("emptied", {}))
    limit = SiteLimit("emptied", 5, now=lambda: 0.0, clock=lambda: 59.0, counters=shared)

    assert asyncio.run(let_in(limit, 1, 3)) == [True, True, True]


@pytest.mark.service("TEST_REDIS_URL")
@pytest.mark.each_database
def test_it_counts_on_redis_too(settings: Any) -> None:
    one, other = (SiteLimit("on-redis", 1, now=lambda: 0.0, clock=lambda: 59.0) for _ in range(2))
    first, second = asyncio.run(let_in(one, 1, 1)), asyncio.run(let_in(other, 1, 1))

    assert (first, second) == ([True], [not settings.VISION_CHAT.redis_url])
