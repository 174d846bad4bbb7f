"""One thread for all images.

Ten photographs at once would need ten times the memory of one and finish no sooner on a small
machine; so they queue, as files on the disk and not in memory.
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
    """Runs functions that decode images, one after the other. Closed at the shutdown of the process."""

    def __init__(self) -> None:
        _return_large_blocks_at_once()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="images")

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Run `function` in its turn. Cancelling drops one that waits; one that runs finishes unseen."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Take no more and forget those that wait. Does not block; the running one finishes."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _return_large_blocks_at_once() -> None:
    """Make glibc give the memory of an image back to the system as soon as it is freed.

    Left alone it raises its threshold with the first large block that is freed, serves later ones from
    the heap and keeps them: 60 MB after a photograph, 200 after the largest. Elsewhere this does nothing.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
    except (AttributeError, OSError, TypeError):
        return
