"""Turns of people at blocking work, on a few threads of its own."""

import asyncio
import contextvars
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakValueDictionary

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class PersonTurns:
    """So many `threads` for all people, of which nobody has more than one. Used on one event loop at a time.

    Whoever asks for much holds up others by one call. `name` is that of the threads.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def run(
        self,
        person: Hashable,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call a function on a thread, after the earlier ones of this person have ended.

        A call that nobody waits for any more is finished too: else whoever hangs up would have the next
        turn at once.
        """
        call = partial(contextvars.copy_context().run, partial(function, *args, **kwargs))
        return await asyncio.shield(asyncio.ensure_future(self._call(person, call)))

    def close(self) -> None:
        """Take no more calls, and drop those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _call(self, person: Hashable, call: Callable[[], Result]) -> Result:
        async with self._locks.setdefault(person, asyncio.Lock()):
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
