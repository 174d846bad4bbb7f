"""How much is worked on at once, and the connections to the database that this takes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from vision_chat.server.places import CONNECTIONS, EXPORTS, PAGES, UPLOADS
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.writer import Exports, Pages, Readers, Writer


@pytest.fixture
async def database_threads() -> AsyncIterator[list[DatabaseThreads]]:
    """All that a process has."""
    async with AsyncExitStack() as stack:
        threads = [Writer(), Readers(), Pages(), Exports()]
        for some in threads:
            stack.push_async_callback(some.close)
        yield threads


async def test_the_pool_has_a_connection_for_each_request_each_thread_and_who_asks_whether_it_is_ready(
    database_threads: list[DatabaseThreads],
) -> None:
    threads = sum(len(some._threads) for some in database_threads)

    assert PAGES.working + UPLOADS.working + EXPORTS.working + threads + 1 == CONNECTIONS
