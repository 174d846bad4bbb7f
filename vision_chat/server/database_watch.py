"""The watch on PostgreSQL: while it does not answer, nobody waits for it who can be told so.

A statement whose other end is silent waits until the system gives the connection up, for ten seconds or for
ever, and a new connection is waited for as long. What runs goes on, and is saved when the database is back;
people who want something new hear within about three seconds that it cannot be had
(docs/decisions/0064-a-database-that-is-away.md).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from django.db import DatabaseError, connection
from django.db.backends.base.base import NO_DB_ALIAS

from vision_chat.services.database_threads import DatabaseThreads

logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 0.5
"""Time between two questions."""
PATIENCE_SECONDS: Final = 2.5
"""Silence after which the database counts as away. A restart of PostgreSQL is over sooner, and waited for."""
END_SECONDS: Final = 1.0


class Question(Protocol):
    """A question to the database. Used on one thread."""

    def ask(self) -> None:
        """Wait for an answer, which may take for ever. Raises DatabaseError."""
        ...

    def close(self) -> None: ...


class Statement:
    """The question in SQL, on a connection of its own that is kept: the pool may be at work."""

    def __init__(self) -> None:
        self._connection = connection.copy(alias=NO_DB_ALIAS)
        self._connection.inc_thread_sharing()

    def ask(self) -> None:
        """Wait for an answer, by a new connection where the kept one has died."""
        try:
            self._execute()
        except DatabaseError:
            self.close()
            self._execute()

    def close(self) -> None:
        self._connection.close()

    def _execute(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT 1")


class DatabaseWatch:
    """Knows whether the database is away, and lets `threads` refuse people then. Used on the event loop."""

    def __init__(
        self,
        threads: Sequence[DatabaseThreads],
        question: Question,
        patience: float = PATIENCE_SECONDS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self.is_away = False
        self._threads = threads
        self._question = question
        self._patience = patience
        self._pause = pause
        self._answered_at = time.monotonic()

    async def run(self) -> None:
        """Watch until cancelled."""
        is_over = threading.Event()
        # a daemon, so that the process can end while the question hangs
        asking = threading.Thread(target=self._ask, args=(is_over,), name="database watch", daemon=True)
        asking.start()
        try:
            while True:
                await asyncio.sleep(self._pause)
                self._note(is_away=time.monotonic() - self._answered_at >= self._patience)
        finally:
            is_over.set()
            await asyncio.to_thread(asking.join, END_SECONDS)

    def _ask(self, is_over: threading.Event) -> None:
        """Ask again and again. Runs on a thread of its own."""
        self._answered_at = time.monotonic()
        while not is_over.wait(self._pause):
            try:
                self._question.ask()
            except DatabaseError as error:
                logger.debug("The database does not answer: %r", error)
            else:
                self._answered_at = time.monotonic()
        self._question.close()

    def _note(self, *, is_away: bool) -> None:
        if is_away == self.is_away:
            return
        self.is_away = is_away
        if is_away:
            logger.error("The database does not answer: what people want is refused, and what runs goes on")
        else:
            logger.warning("The database answers again")
        for threads in self._threads:
            threads.refuse_people(refuses=is_away)
