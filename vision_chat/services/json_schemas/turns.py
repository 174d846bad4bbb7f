"""Turns of people at the process that reads schemas."""

import asyncio
import contextvars
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

THREADS: Final = 4
"""People who can wait for it at a time. Each has a thread of these, and nobody one that others need."""
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="schemas")
_locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()


async def in_turn(
    person: Hashable, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call a function that reads schemas on a thread, after the earlier ones of this person have ended.

    A person whose schemas each take until the deadline holds up others by one of them. A call that nobody
    waits for any more is finished too: else whoever hangs up would have the next turn at once.
    """
    call = partial(contextvars.copy_context().run, partial(function, *args, **kwargs))
    return await asyncio.shield(asyncio.ensure_future(_call(person, call)))


async def _call(person: Hashable, call: Callable[[], Result]) -> Result:
    async with _locks.setdefault(person, asyncio.Lock()):
        return await asyncio.get_running_loop().run_in_executor(_threads, call)
