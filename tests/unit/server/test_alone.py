"""Work that one of several processes does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from vision_chat.models import Lease
from vision_chat.server.alone import Alone
from vision_chat.services.writer import Writer

pytestmark = [pytest.mark.each_database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def writer() -> AsyncIterator[Writer]:
    writer = Writer()
    yield writer
    await writer.close()


def holders() -> list[tuple[str, str]]:
    return list(Lease.objects.values_list("name", "holder"))


async def test_it_is_the_turn_of_one_process_again_and_again(writer: Writer) -> None:
    one, other = (Alone(writer, name, others_may_run=True) for name in ("one", "other"))
    turns = []
    for process in (one, other, one, other):
        async with process.turn("cleaning") as is_mine:
            turns.append(is_mine)

    assert turns == [True, False, True, False]


async def test_what_ends_in_order_leaves_its_work_to_others_at_once(writer: Writer) -> None:
    one, other = (Alone(writer, name, others_may_run=True) for name in ("one", "other"))
    async with one.turn("cleaning"):
        pass
    await one.leave()

    async with other.turn("cleaning") as is_mine:
        assert is_mine


async def test_the_work_of_a_process_that_died_is_taken_over(writer: Writer) -> None:
    one, other = (Alone(writer, name, others_may_run=True) for name in ("one", "other"))
    async with one.turn("cleaning"):
        pass
    await writer.run(lambda: Lease.objects.update(expires_at=Now() - timedelta(seconds=1)))

    async with other.turn("cleaning") as is_mine:
        assert is_mine
    async with one.turn("cleaning") as is_mine:
        assert not is_mine


async def test_work_that_is_done_once_is_free_for_others_afterwards(writer: Writer) -> None:
    done = []

    async def work() -> None:
        done.append(await writer.run(holders))

    await Alone(writer, "one", others_may_run=True).once("indexing", work)

    assert done == [[("indexing", "one")]]
    assert await writer.run(holders) == []


async def test_work_waits_while_another_process_does_it(writer: Writer) -> None:
    one, other = (Alone(writer, name, others_may_run=True) for name in ("one", "other"))
    async with one.turn("indexing"):
        waiting = asyncio.create_task(other.once("indexing", lambda: pytest.fail("not yet")))
        done, _ = await asyncio.wait({waiting}, timeout=0.05)
        waiting.cancel()

    assert not done


async def test_where_no_other_process_runs_there_are_no_leases(writer: Writer) -> None:
    alone = Alone(writer, "one", others_may_run=False)
    done = []

    async def work() -> None:
        done.append(await writer.run(holders))

    async with alone.turn("cleaning") as is_mine:
        assert is_mine
        await alone.once("indexing", work)
        await alone.leave()

    assert done == [[]]
