"""Database threads of a running server that are held, so that what comes waits."""

import asyncio
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from tests.support.server import PATIENCE, Server
from vision_chat.services.database_threads import DatabaseThreads


@contextmanager
def busy(server: Server, threads: DatabaseThreads, count: int = 1) -> Iterator[None]:
    """Hold all `count` of these threads until this is over."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def wait() -> None:
        begun.release()
        go_on.wait(PATIENCE)

    async def hold() -> "list[asyncio.Task[None]]":
        return [asyncio.create_task(threads.run_for(f"busy {number}", wait)) for number in range(count)]

    held = server.call(hold())
    for _ in range(count):
        assert begun.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        go_on.set()
    server.until(lambda: all(task.done() for task in held))


def has_asked(server: Server, threads: DatabaseThreads, person: Hashable) -> bool:
    """Return whether something of this person's waits for these threads, all of which are busy."""

    def people() -> set[Hashable]:
        return {job.person for job in threads._jobs}

    return person in server.now(people)
