"""One thread for all pictures.

Ten photographs at once would need ten times the memory of one and finish no sooner on a small
machine; so they queue, as files on the disk and not in memory.
"""

import asyncio
import ctypes
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Final

from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import Processed, process

_M_MMAP_THRESHOLD: Final = -3
_ONE_MEGABYTE: Final = 1 << 20


class PictureWorker:
    """Owned by the process, closed at its shutdown."""

    def __init__(self) -> None:
        _return_large_blocks_at_once()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")

    async def process(self, source: Path | BinaryIO, limits: Limits) -> Processed:
        """`process` in the worker's turn. Cancelling drops a picture that waits; one that runs finishes
        unseen, and the next follows."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, process, source, limits)

    def close(self) -> None:
        """Takes no more and forgets those that wait. Does not block; the running one finishes."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _return_large_blocks_at_once() -> None:
    """Make glibc give the memory of a picture back to the system as soon as it is freed.

    Left alone it raises its threshold with the first large block that is freed, serves later ones from
    the heap and keeps them: 60 MB after a photograph, 200 after the largest. Elsewhere this does nothing.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _ONE_MEGABYTE)
    except (AttributeError, OSError, TypeError):
        return
