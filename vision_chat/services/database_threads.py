"""Threads for jobs on the database, each with a connection that it keeps. People take turns.

A persistent connection costs half as much as one opened for each turn: docs/decisions/0003-one-writer.md. Why
people take turns, and why reads have threads of their own: docs/decisions/0019-people-take-turns.md.
"""

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, connection, connections

from vision_chat.services.metrics import measured
from vision_chat.services.sharing.fair_queue import FairQueue

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

NAME = "database"
THE_SERVER = None
"""The server's own place among the people: checkpoints, housekeeping, and those who are not signed in yet."""
PATIENCE_SECONDS = 20.0
"""Time after which a person is told that nothing can be saved, as after that of a connection for a lock."""
_AWAY = "the database does not answer"
CLOSE_SECONDS = 3.0
"""Time for the jobs that wait at the end of the server. A lock that another process holds takes no longer."""


def are_held_up() -> bool:
    """Return whether a thread has not ended with its `DatabaseThreads`, because it waits for a lock."""
    return any(thread.name.startswith(NAME) for thread in threading.enumerate())


async def release_connection() -> None:
    """Give back the connection of this request's own thread, before the request waits for anything else.

    Django would keep it until the request ends, and others may be waiting for it in the pool.
    """
    await sync_to_async(close_old_connections)()


class DatabaseThreads:
    """Runs functions in `count` threads, one of a person at a time. Exceptions are raised in the caller."""

    def __init__(self, name: str, count: int, patience: float = PATIENCE_SECONDS) -> None:
        self.name = name
        self._patience = patience
        self._jobs: FairQueue[_Job] = FairQueue()
        self._at_work: set[Hashable] = set()
        self._has_changed = threading.Condition()
        self._is_closing = False
        self._refuses_people = False
        self._of_people: set[_Job] = set()
        """Jobs that people wait for."""
        # daemons, so that a process can end while another one's lock keeps a job waiting
        self._threads = [
            threading.Thread(target=self._work, name=f"{NAME} {name} {number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` for the server itself."""
        return await self.run_for(THE_SERVER, function, *args, **kwargs)

    async def run_for(
        self,
        person: Hashable,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` after all earlier ones of this person, and return its result.

        Once it has begun it is finished, even where the awaiting task is cancelled. It begins when its thread
        has a connection that answers. Raises OperationalError where it cannot begin in time, or at all.
        """
        if self._refuses_people and person is not THE_SERVER:
            raise OperationalError(_AWAY)
        job = _Job(
            self.name, person, partial(contextvars.copy_context().run, partial(function, *args, **kwargs))
        )
        with self._has_changed:
            self._jobs.put(person, job)
            self._has_changed.notify()
        result = asyncio.wrap_future(job.future)
        result.add_done_callback(_look_at_exception)
        if person is not THE_SERVER:
            await self._wait_for_turn(result, job)
        return cast(Result, await result)

    def refuse_people(self, *, refuses: bool) -> None:
        """Refuse what people ask for, and give up what they wait for and has not begun; or take it again.

        The server's own jobs go on waiting. Called on the event loop.
        """
        self._refuses_people = refuses
        if refuses:
            for job in self._of_people:
                job.future.cancel()

    @property
    def waiting_count(self) -> int:
        """The number of jobs that wait for a thread."""
        with self._has_changed:
            return len(self._jobs)

    async def _wait_for_turn(self, result: "asyncio.Future[Any]", job: "_Job") -> None:
        """Give up a job that has not begun in time. All who wait for a lock hear of it at the same time."""
        self._of_people.add(job)
        try:
            await asyncio.wait({result}, timeout=self._patience)
        finally:
            self._of_people.discard(job)
        if job.future.cancel():  # which it is already where people are refused
            raise OperationalError(_AWAY if self._refuses_people else f"no turn within {self._patience:g} s")

    async def close(self, patience: float = CLOSE_SECONDS) -> None:
        """Finish the functions that wait, then close the connections and end the threads.

        Gives up after `patience` seconds: what waits for a lock is not worth a server that does not end.
        """
        with self._has_changed:
            self._is_closing = True
            self._has_changed.notify_all()
        await asyncio.to_thread(self._join, time.monotonic() + patience)

    def _join(self, deadline: float) -> None:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            with self._has_changed:
                self._at_work.discard(job.person)
                self._has_changed.notify_all()
            del job  # holds the job's result until the next one comes
        connections.close_all()

    def _next(self) -> "_Job | None":
        """Wait for a job. Returns None when all are done and the threads are to end."""
        with self._has_changed:
            while True:
                with contextlib.suppress(LookupError):
                    job = self._jobs.get(self._at_work)
                    self._at_work.add(job.person)
                    return job
                if self._is_closing and not self._jobs:
                    return None
                self._has_changed.wait()


class _Job:
    """A function to be called once, and its result."""

    def __init__(self, threads: str, person: Hashable, call: Callable[[], Any]) -> None:
        self.person = person
        self._threads = threads
        self._put_at = time.monotonic()
        self.future: Future[Any] = Future()
        self._call = call

    def run(self) -> None:
        """Call the function, unless nobody waits for it any more.

        It has not begun while its thread waits for the database: until then it can be given up, and whoever
        is told so may ask for it again.
        """
        if self.future.cancelled():
            self.future.set_running_or_notify_cancel()
            return
        trouble = _trouble_with_connection()
        if not self.future.set_running_or_notify_cancel():
            return
        if trouble is not None:
            self.future.set_exception(trouble)
            return
        begun = time.monotonic()
        measured.JOB_WAIT.observe(begun - self._put_at, self._threads)
        try:
            result = self._call()
        except BaseException as error:  # noqa: BLE001 - raised in the caller
            self.future.set_exception(error)
        else:
            self.future.set_result(result)
        measured.JOB_DURATION.observe(time.monotonic() - begun, self._threads)


def _look_at_exception(result: "asyncio.Future[Any]") -> None:
    """Keep asyncio from reporting the exception of a job whose caller was cancelled and wants it no more."""
    if not result.cancelled():
        result.exception()


def _trouble_with_connection() -> Exception | None:
    """Have this thread a connection that answers. Returns why there is none."""
    try:
        _keep_connections()
        if connection.vendor == "postgresql":
            connection.ensure_connection()
    except Exception as error:  # noqa: BLE001 - raised in the caller
        return error
    return None


def _keep_connections() -> None:
    """Keep this thread's connections, but drop one that died, as after a restart of the database server."""
    for kept in connections.all(initialized_only=True):
        kept.close_at = None  # persistent, whatever CONN_MAX_AGE is for requests
        kept.close_if_unusable_or_obsolete()
        # Django checks the connections of a pool only when they are taken from it, which a kept one is once
        if kept.connection is not None and not kept.is_usable():
            kept.close()
