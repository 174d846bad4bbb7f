"""A reply that another process runs: its pages show what a page shows that is opened afresh."""

import asyncio
import os

import pytest
from django.contrib.auth.models import User

from tests.support.environment import redis_database
from tests.support.mirror_chance import Chance
from tests.support.mirror_stage import PATIENCE, mirror_stage
from vision_chat.models.generation import Status
from vision_chat.services.replies.history import Cursor
from vision_chat.services.site.redis import connect

pytestmark = pytest.mark.service("TEST_REDIS_URL")


@pytest.fixture
def url() -> str:
    return redis_database(os.environ["TEST_REDIS_URL"])


async def wait_without_connections(site: str, url: str) -> None:
    """Wait until the stage of this site has no connection any more, which Redis sees a little later."""
    async with connect(url) as redis, asyncio.timeout(PATIENCE):
        while any(client["name"] == site for client in await redis.client_list()):
            pass


async def test_a_page_shows_what_another_process_writes_before_it_is_saved(ann: User, url: str) -> None:
    async with mirror_stage(ann, url) as stage:
        page = await stage.opened()
        stage.watch_there(page, Cursor.at(page.model.revision))
        stage.live.append("Hello, **wor")
        await stage.until(lambda: page.model.revision == len("Hello, **wor"))
        stage.live.append("ld**.")
        await stage.until(lambda: page.model.revision == len("Hello, **world**."))
        await stage.end(Status.COMPLETED)
        await stage.until(lambda: page.model.status == Status.COMPLETED)

        assert page.shown() == (await stage.opened()).shown()
        assert not page.is_stale


async def test_without_redis_a_page_grows_with_the_checkpoints(ann: User) -> None:
    async with mirror_stage(ann, "redis://127.0.0.1:1/0") as stage:
        page = await stage.opened()
        stage.watch_there(page, Cursor.at(page.model.revision))
        stage.live.append("Saved.")
        await stage.save()
        await stage.until(lambda: page.model.revision == len("Saved."))
        stage.live.append(" Not yet.")
        await stage.end(Status.COMPLETED)
        await stage.until(lambda: page.model.status == Status.COMPLETED)

        assert page.shown() == (await stage.opened()).shown()


async def test_a_page_that_has_seen_what_died_with_its_process_fetches_itself_again(
    ann: User, url: str
) -> None:
    async with mirror_stage(ann, url) as stage:
        page = await stage.opened()
        stage.watch_there(page, Cursor.at(page.model.revision))
        stage.live.append("Saved.")
        await stage.save()
        stage.live.append(" Never saved.")
        await stage.until(lambda: page.model.revision == len("Saved. Never saved."))
        await stage.die()
        await stage.until(lambda: page.is_stale)


async def test_a_letter_stops_a_reply_of_another_process(ann: User, url: str) -> None:
    async with mirror_stage(ann, url) as stage:
        stage.mirrors.hasten_stops({stage.where.message_id: stage.source.boot_id})
        await stage.until(lambda: stage.source.stopped == [stage.where.message_id])


@pytest.mark.parametrize("seed", range(8))
async def test_every_page_ends_equal_to_one_that_is_opened_afresh(ann: User, url: str, seed: int) -> None:
    before = asyncio.all_tasks()
    async with mirror_stage(ann, url) as stage:
        chance = Chance(stage, seed)
        for _ in range(40):
            await chance.happen()
        await chance.end()
        watching = stage.there + ([] if stage.live.end is None else stage.here)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(task for _, task in watching))
        afresh = await stage.opened()
        shown = [page.shown() for page, _ in watching if not page.is_stale]
        await stage.until(lambda: stage.mirrors.count == 0)
        times_to_live = [
            await stage.redis.pttl(name) async for name in stage.redis.scan_iter(f"{stage.site}*")
        ]

    assert shown == [afresh.shown()] * len(shown)
    assert -1 not in times_to_live, "a key that stays for ever"
    assert asyncio.all_tasks() <= before
    await wait_without_connections(stage.site, url)
