"""Chooses the scenes that are played, and when."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from tests.attack.finding import Finding
from tests.chaos import scenes
from tests.chaos.scenes import Scene
from tests.chaos.stage import Stage

CALM = (3.0, 8.0)
SHORT_CALM = 1.0

SHORT: Sequence[Sequence[Scene]] = (
    (scenes.killed,),
    (scenes.stop_without_redis,),
    (scenes.redis_restarted,),
    (scenes.paused(3), scenes.cut("Redis", 3)),
    (scenes.terminated, scenes.cut("PostgreSQL", 3)),
    (scenes.postgres_restarted,),
    (scenes.disk_full(2), scenes.clock_jumps(1)),
)
"""What the suite plays: those of a group at the same time."""

NAMED: Mapping[str, Scene] = {
    "calm": scenes.calm(30),
    "killed": scenes.killed,
    "stop": scenes.stop_without_redis,
    "redis": scenes.redis_restarted,
    "rolled": scenes.rolled,
    "paused": scenes.paused(3),
    "paused-long": scenes.paused(15),
    "terminated": scenes.terminated,
    "postgres": scenes.postgres_restarted,
    "crashed": scenes.postgres_crashed,
    "away-short": scenes.database_away(5, held=False),
    "away": scenes.database_away(30, held=False),
    "held": scenes.database_away(30, held=True),
    "cut-redis": scenes.cut("Redis", 5),
    "cut-redis-long": scenes.cut("Redis", 30),
    "cut-postgres": scenes.cut("PostgreSQL", 5),
    "cut-postgres-long": scenes.cut("PostgreSQL", 30),
    "slow": scenes.slow(15),
    "full": scenes.disk_full(5),
    "clock": scenes.clock_jumps(4),
}
"""Those of the long programme, which plays them in a new order each time until the time is up."""


async def play(stage: Stage, minutes: float, only: Sequence[str]) -> AsyncIterator[Finding]:
    """Play the scenes of these names, else the long programme, without `minutes` the short one."""
    groups = _named(only) if only else _for(minutes) if minutes else _short()
    async for group in groups:
        for found in await asyncio.gather(*(_all_of(scene, stage) for scene in group)):
            for finding in found:
                yield finding


async def _named(names: Sequence[str]) -> AsyncIterator[Sequence[Scene]]:
    for name in names:
        await asyncio.sleep(SHORT_CALM)
        yield (NAMED[name],)


async def _short() -> AsyncIterator[Sequence[Scene]]:
    for group in SHORT:
        await asyncio.sleep(SHORT_CALM)
        yield group


async def _for(minutes: float) -> AsyncIterator[Sequence[Scene]]:
    end = time.monotonic() + 60 * minutes
    while True:
        for scene in random.sample(list(NAMED.values()), len(NAMED)):
            await asyncio.sleep(random.uniform(*CALM))
            if time.monotonic() > end:
                return
            yield (scene,)


async def _all_of(scene: Scene, stage: Stage) -> list[Finding]:
    return [finding async for finding in scene(stage)]
