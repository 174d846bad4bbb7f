"""The thread of every database job of turns, reads included, with a persistent database connection.

SQLite has one writer at a time anyway: a queue costs less than waiting for its lock, and a persistent
connection half as much as one opened for each turn. See docs/decisions/0003-one-writer.md.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Writer:
    """Runs functions one after the other in its thread. Exceptions are raised in the caller."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` after all earlier ones, and return its result.

        Once it has begun it is finished, even where the awaiting task is cancelled.
        """
        call = partial(contextvars.copy_context().run, _prepared, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def close(self) -> None:
        """Finish the functions that wait, then close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()


def _prepared(function: Callable[[], Result]) -> Result:
    """Call `function`, after dropping a connection that died, as after a restart of the database server."""
    for connection in connections.all(initialized_only=True):
        connection.close_at = None  # persistent, whatever CONN_MAX_AGE is for requests
        connection.close_if_unusable_or_obsolete()
    return function()
