"""The samples of a process for its metrics: what it holds, once a second, and how late its event loop is."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vision_chat.server.measured_database import Pool
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.metrics import measured
from vision_chat.services.replies.runner import Runner
from vision_chat.services.site import relay

LOOK_SECONDS: Final = 0.25
LOOKS: Final = 4
"""Looks between two samples of all else."""
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
OF_THIS_PROCESS: Final = Path("/proc/self")


class Sampling:
    """Samples until it is cancelled. `cpu` is the time of processors that this process has used.

    `look_seconds` is the interval of looking how late the loop is.
    """

    def __init__(
        self,
        runner: Runner,
        images: ImageWorker,
        threads: Sequence[DatabaseThreads],
        cpu: Callable[[], float] = time.process_time,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._look_seconds = look_seconds
        self._runner = runner
        self._images = images
        self._threads = threads
        self._cpu = cpu
        self._cpu_counted = 0.0
        self._pool = Pool()

    async def run(self) -> None:
        while True:
            self.sample()
            for _ in range(LOOKS):
                await look_at_loop(self._look_seconds)

    def sample(self) -> None:
        """Take one sample of everything."""
        self._count()
        self._look_at_process()
        self._pool.sample()

    def _count(self) -> None:
        counts = self._runner.counts()
        measured.REPLIES_RUNNING.set(counts.running)
        measured.REPLIES_QUEUED.set(counts.queued)
        measured.SOCKETS.set(relay.count_all_sockets())
        measured.IMAGES_QUEUED.set(self._images.waiting_count)
        for threads in self._threads:
            measured.JOBS_QUEUED.set(threads.waiting_count, threads.name)

    def _look_at_process(self) -> None:
        cpu = self._cpu()
        measured.CPU.add(cpu - self._cpu_counted)
        self._cpu_counted = cpu
        measured.PROCESSES.set(1)
        measured.TASKS.set(len(asyncio.all_tasks()))
        try:
            resident_pages = int((OF_THIS_PROCESS / "statm").read_text().split()[1])
            descriptors = sum(1 for _ in (OF_THIS_PROCESS / "fd").iterdir())
        except OSError:
            return  # not Linux
        measured.MEMORY.set(resident_pages * PAGE_BYTES)
        measured.DESCRIPTORS.set(descriptors)


async def look_at_loop(seconds: float) -> None:
    """Observe by how much a timer is late."""
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    await asyncio.sleep(seconds)
    measured.LOOP_LAG.observe(max(0.0, loop.time() - due))
