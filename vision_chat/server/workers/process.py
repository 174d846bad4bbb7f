"""Workers as their supervisor sees them: processes that are started, heard of, and ended."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from vision_chat.server.workers.lifeline import NUMBER, REPLACED

SILENCE_SECONDS: Final = 60.0
"""Time after which a worker that had shown life counts as hung."""

Forget = Callable[[int], None]
"""Forgets what a process has said of itself, by its pid."""


class Worker(Protocol):
    """A worker that was started."""

    pid: int

    @property
    def is_ready(self) -> bool:
        """True once it serves."""

    async def ready(self) -> None:
        """Wait until it serves, or ends before it did."""

    async def hung(self) -> None:
        """Wait until it, having served, has shown no life for too long."""

    async def ended(self) -> int:
        """Wait for its end, and return its exit code; that of a signal is negative."""

    def replace(self) -> None:
        """Let it end, because another one has its seat."""

    def terminate(self) -> None:
        """Let it end."""

    def kill(self) -> None:
        """End it at once."""


class ProcessWorker:
    """A worker that is a process. Made on the event loop. `forget` is called with its pid at its end."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        forget: Forget,
    ) -> None:
        self.pid = process.pid
        self._forget = forget
        self._process = process
        self._reader = reader
        self._writer = writer
        self._is_ready = asyncio.Event()
        self._is_hung = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with contextlib.suppress(OSError):  # it was killed
            if not await self._reader.read(1):
                return
            self._is_ready.set()
            try:
                while True:
                    async with asyncio.timeout(SILENCE_SECONDS):
                        if not await self._reader.read(4096):
                            return
            except TimeoutError:
                self._is_hung.set()

    @property
    def is_ready(self) -> bool:
        return self._is_ready.is_set()

    async def ready(self) -> None:
        being_ready = asyncio.create_task(self._is_ready.wait())
        await asyncio.wait({being_ready, self._listening}, return_when=asyncio.FIRST_COMPLETED)
        being_ready.cancel()

    async def hung(self) -> None:
        await self._is_hung.wait()

    async def ended(self) -> int:
        code = await self._process.wait()
        self._forget(self.pid)
        self._listening.cancel()
        self._writer.close()
        return code

    def replace(self) -> None:
        self._writer.write(REPLACED)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, what: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(what)


class Starter:
    """Starts workers: the interpreter with these arguments, which serves on the port of `listener`."""

    def __init__(
        self, arguments: Sequence[str], listener: socket.socket, forget: Forget = lambda _: None
    ) -> None:
        self._forget = forget
        self._arguments = arguments
        self._listener = listener

    async def __call__(self, number: int) -> Worker:
        """Start the worker of this number, which begins with the code and the settings of this moment.

        Raises OSError where the system has no room for one.
        """
        own, its = socket.socketpair()
        with its:
            try:
                process = await self._process(number, its.fileno())
            except OSError:
                own.close()
                raise
        return ProcessWorker(process, *await asyncio.open_connection(sock=own), self._forget)

    async def _process(self, number: int, lifeline: int) -> asyncio.subprocess.Process:
        descriptors = (self._listener.fileno(), lifeline)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            "--inherited",
            *map(str, descriptors),
            env=os.environ | {NUMBER: str(number)},
            pass_fds=descriptors,
            # Ctrl-C is for the supervisor alone, which tells the others
            start_new_session=True,
        )
