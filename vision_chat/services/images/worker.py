"""The thread on which images are processed, one after the other, each person's in turn.

Ten photographs at once would need ten times the memory of one and finish no sooner on a small machine; so
they wait as files on the disk. Somebody else's photograph waits for the one that is being processed at most.
"""

import asyncio
import ctypes
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from vision_chat.services.images.file_threads import FileThreads
from vision_chat.services.sharing.fair_queue import FairQueue
from vision_chat.services.sharing.single_flight import SingleFlight

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BLOCK: Final = 1 << 20  # bytes; glibc may raise its own threshold up to 32 MB


@dataclass(slots=True, eq=False)
class _Job:
    call: Callable[[], Any]
    result: "asyncio.Future[Any]"


class ImageWorker:
    """Runs functions in its thread, one after the other. Used on one event loop."""

    def __init__(self) -> None:
        _return_large_blocks_at_once()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="images")
        self._waiting: FairQueue[_Job] = FairQueue()
        self._running: asyncio.Task[None] | None = None
        self.shared: SingleFlight[Any] = SingleFlight()
        """Work with images that is done once for all who ask for it meanwhile."""
        self.files = FileThreads()
        """Where the files of images are read and written, for which their processing does not wait."""

    async def run(
        self,
        person: Hashable,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` when it is this person's turn, and return its result.

        Cancelling drops a function that waits; one that runs is finished, and its result dropped.
        """
        job = _Job(partial(function, *args, **kwargs), asyncio.get_running_loop().create_future())
        self._waiting.put(person, job)
        self._advance()
        try:
            result: Result = await job.result
        finally:
            self._waiting.discard(person, job)
        return result

    @property
    def waiting_count(self) -> int:
        """The number of functions that wait for their turn."""
        return len(self._waiting)

    def close(self) -> None:
        """Accept no more functions and drop those that wait. Does not wait for the running one."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self.files.close()

    def _advance(self) -> None:
        """Begin the next function, unless one runs."""
        if self._running is None and self._waiting:
            self._running = asyncio.get_running_loop().create_task(self._run(self._waiting.get()))

    async def _run(self, job: _Job) -> None:
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._executor, job.call)
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to who asked
            if not job.result.done():
                job.result.set_exception(error)
        else:
            if not job.result.done():
                job.result.set_result(result)
        finally:
            self._running = None
            self._advance()


def _return_large_blocks_at_once() -> None:
    """Make glibc return the memory of an image to the system as soon as it is freed.

    By default it raises its threshold when the first large block is freed, and keeps later ones in its heap:
    60 MB after a photograph, 200 after the largest. Does nothing without glibc.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
    except (AttributeError, OSError, TypeError):
        return
