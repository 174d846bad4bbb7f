"""The watch on a database that may not answer."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from django.db import OperationalError

from vision_chat.server.database_watch import DatabaseWatch, Statement
from vision_chat.services.writer import Writer

PATIENCE = 1.0
"""Longer than a thread of a busy machine may be late, which would be taken for a database that is away."""


class Asked:
    """A database that answers, fails or hangs."""

    def __init__(self) -> None:
        self.fails = False
        self.answers = threading.Event()
        self.answers.set()
        self.is_closed = threading.Event()

    def ask(self) -> None:
        self.answers.wait(20)
        if self.fails:
            raise OperationalError

    def close(self) -> None:
        self.is_closed.set()


@asynccontextmanager
async def watching(asked: Asked, patience: float, *writers: Writer) -> AsyncIterator[DatabaseWatch]:
    watch = DatabaseWatch(writers, asked, patience, pause=0.005)
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        asked.answers.set()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert asked.is_closed.is_set()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - it has no event for it
            await asyncio.sleep(0.005)


async def test_a_database_that_fails_is_away_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    asked = Asked()
    async with watching(asked, PATIENCE) as watch:
        assert not watch.is_away
        asked.fails = True
        await until(lambda: watch.is_away)
        asked.fails = False
        await until(lambda: not watch.is_away)

    assert [record.getMessage() for record in caplog.records] == [
        "The database does not answer: what people want is refused, and what runs goes on",
        "The database answers again",
    ]


async def test_a_database_that_hangs_is_away_and_comes_back() -> None:
    asked = Asked()
    async with watching(asked, PATIENCE) as watch:
        asked.answers.clear()
        await until(lambda: watch.is_away)
        asked.answers.set()
        await until(lambda: not watch.is_away)


async def test_a_database_that_fails_for_a_moment_is_waited_for() -> None:
    asked = Asked()
    async with watching(asked, 20) as watch:
        asked.fails = True
        await asyncio.sleep(0.05)
        assert not watch.is_away


@pytest.mark.usefixtures("transactional_db")
async def test_people_are_refused_at_once_while_it_is_away_and_the_server_waits() -> None:
    asked, writer = Asked(), Writer()
    asked.fails = True
    async with watching(asked, PATIENCE, writer) as watch:
        await until(lambda: watch.is_away)
        with pytest.raises(OperationalError):
            await writer.run_for("ann", int)
        assert await writer.run(int) == 0
        asked.fails = False
        await until(lambda: not watch.is_away)
        assert await writer.run_for("ann", int) == 0
    await writer.close()


@pytest.mark.each_database
@pytest.mark.usefixtures("transactional_db")
async def test_the_statement_is_answered_and_gets_a_new_connection_where_the_kept_one_died() -> None:
    def ask_twice() -> None:
        statement = Statement()
        statement.ask()
        statement._connection.connection.close()
        statement.ask()
        statement.close()

    await asyncio.to_thread(ask_twice)
