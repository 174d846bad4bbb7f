"""The one thread that writes turns and checkpoints, with a database connection that it keeps.

SQLite has one writer at a time anyway: a queue in front of it costs less than waiting for its lock,
and a kept connection half as much as one opened for each turn. See docs/decisions/0003-one-writer.md.
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
    """Runs functions one after the other in a thread of its own. Errors reach the caller."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` after everything that was asked for before it.

        Once begun it is finished, also when the awaiting task is cancelled.
        """
        call = partial(contextvars.copy_context().run, _prepared, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def close(self) -> None:
        """Finish what was asked for, then close the connection and the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()


def _prepared(function: Callable[[], Result]) -> Result:
    """Call `function` on a connection that works: a server that was restarted leaves a dead one behind."""
    for connection in connections.all(initialized_only=True):
        connection.close_at = None  # kept for good, whatever CONN_MAX_AGE says for requests
        connection.close_if_unusable_or_obsolete()
    return function()
