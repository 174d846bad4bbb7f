"""A network between a server and a service that can be cut, become a black hole, or be slow."""

import asyncio
import contextlib
from collections.abc import Iterator

PIECE = 1 << 16


class Proxy:
    """Passes on what comes to `port` of this machine, as long as nothing is wrong with the network."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._delay = 0.0
        self._is_cut = False
        self._passes = asyncio.Event()
        self._passes.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def cut(self) -> None:
        """Break all connections and take no more."""
        self._is_cut = True
        for connection in self._connections:
            connection.cancel()

    def hold(self) -> None:
        """Become a black hole: what is sent neither arrives nor fails."""
        self._passes.clear()

    def slow(self, seconds: float) -> None:
        """Let every piece take so long."""
        self._delay = seconds

    def mend(self) -> None:
        self._is_cut, self._delay = False, 0.0
        self._passes.set()

    @contextlib.contextmanager
    def mended_afterwards(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.mend()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if not self._is_cut:
                await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the network is gone, and so is this connection
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passes.wait()
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as group:
                ways = [
                    group.create_task(self._pass_on(reader, to_writer)),
                    group.create_task(self._pass_on(to_reader, writer)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
        except* OSError:
            pass
        finally:
            to_writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(PIECE):
            await self._passes.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(data)
            await writer.drain()
        await self._passes.wait()
