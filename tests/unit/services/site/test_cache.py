"""What is counted in the cache of all processes, by a clock that the test turns."""

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from vision_chat.services.site.cache import PAUSE_SECONDS, SiteCache
from vision_chat.services.site.redis import RedisError


class Flaky(LocMemCache):
    """A shared cache that is away where the test says so."""

    is_away = False
    asked = 0

    def add(self, *args: object, **options: object) -> bool:
        self.asked += 1
        if self.is_away:
            raise RedisError("away")
        return bool(super().add(*args, **options))  # type: ignore[arg-type]  # as they came


class Stage:
    """A cache, and what was counted in it."""

    def __init__(self, name: str) -> None:
        self.time = 100.0
        self.shared = Flaky(name, {})
        self.cache = SiteCache(self.shared, lambda: self.time)

    def count(self) -> int:
        def counted(cache: BaseCache) -> int:
            cache.add("key", 0)
            return int(cache.incr("key"))

        return self.cache.run(counted)


def test_all_processes_count_together() -> None:
    one, other = Stage("together"), Stage("together")

    assert [one.count(), other.count(), one.count()] == [1, 2, 3]


def test_while_the_cache_is_away_a_process_counts_for_itself_and_waits_for_no_further_failure() -> None:
    stage = Stage("away")
    stage.count()
    stage.shared.is_away = True

    assert [stage.count(), stage.count(), stage.count()] == [1, 2, 3]
    assert stage.shared.asked == 2
    stage.time += PAUSE_SECONDS
    stage.shared.is_away = False
    assert stage.count() == 2
