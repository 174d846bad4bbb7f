"""The thread on which images are processed, one after the other.

Ten photographs at once would need ten times the memory of one and finish no sooner on a small machine; so
they wait as files on the disk.
"""

import asyncio
import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BLOCK: Final = 1 << 20  # bytes; glibc may raise its own threshold up to 32 MB


class ImageWorker:
    """Runs functions in its thread, one after the other."""

    def __init__(self) -> None:
        _return_large_blocks_at_once()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="images")

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` after earlier ones, and return its result.

        Cancelling drops a function that waits; one that runs is finished, and its result dropped.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Accept no more functions and drop those that wait. Does not wait for the running one."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _return_large_blocks_at_once() -> None:
    """Make glibc return the memory of an image to the system as soon as it is freed.

    By default it raises its threshold when the first large block is freed, and keeps later ones in its heap:
    60 MB after a photograph, 200 after the largest. Does nothing without glibc.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
    except (AttributeError, OSError, TypeError):
        return
