"""How much is worked on at once, and the connections to the database that this takes."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.support.paths import ROOT
from vision_chat.server.places import CONNECTIONS, EXPORTS, PAGES, POOL, UPLOADS
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.writer import Checker, Exports, Pages, Readers, Writer

DOCS = ROOT / "docs"


@pytest.fixture
async def database_threads() -> AsyncIterator[list[DatabaseThreads]]:
    """All that a process has."""
    async with AsyncExitStack() as stack:
        threads = [Writer(), Readers(), Pages(), Checker(), Exports()]
        for some in threads:
            stack.push_async_callback(some.close)
        yield threads


async def test_the_pool_has_a_connection_for_each_request_and_each_thread(
    database_threads: list[DatabaseThreads],
) -> None:
    threads = sum(len(some._threads) for some in database_threads)

    assert PAGES.working + UPLOADS.working + EXPORTS.working + threads == POOL


def test_the_pages_name_the_connections_of_a_worker() -> None:
    (of_one,) = re.findall(r"up to (\d+) connections to PostgreSQL", (DOCS / "deployment.md").read_text())
    sizing = (DOCS / "sizing.md").read_text()
    (row,) = re.findall(r"^\| Connections to PostgreSQL, at most \|(.*)", sizing, re.MULTILINE)
    (workers,) = re.findall(r"^\| \*\*Workers\*\* \|(.*)", sizing, re.MULTILINE)

    assert int(of_one) == CONNECTIONS
    of_sizes = [int(count) for count in re.findall(r"\d+", row)]
    assert of_sizes == [CONNECTIONS * int(count) for count in re.findall(r"\| (\d+)", workers)]
