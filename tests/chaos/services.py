"""A PostgreSQL and a Redis of our own, in a temporary folder and on free ports, never the machine's."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.processes import free_port
from tests.support.needs import program

PATIENCE = 30
PROGRAMS = ("initdb", "postgres", "redis-server")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Have a folder through which other users may go to what is theirs."""
    with tempfile.TemporaryDirectory(prefix="vision-chat-chaos-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def end_as_by_ctrl_c() -> None:
    """Let SIGTERM end this program as Ctrl-C does: whatever it has started ends with it."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


class _Service(ABC):
    """A program that runs in the background."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the command that starts it."""

    @abstractmethod
    async def answers(self) -> bool:
        """Tell whether it answers."""

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it is done in no time
                self.command(), stdout=log, stderr=log, cwd=self.folder, **as_user()
            )
        await self.wait()

    async def wait(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(PATIENCE):
            while not await self.answers():  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            await asyncio.to_thread(self._process.wait, PATIENCE)

    async def restart(self) -> None:
        await self.stop(signal.SIGINT)
        await self.start()

    async def revive(self) -> None:
        """Wait until it answers, and start it where it has ended by itself."""
        assert self._process is not None
        await asyncio.sleep(1)  # one that ends does not answer to the last
        if self._process.poll() is not None:
            await self.start()
        await self.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid


class Postgres(_Service):
    """`signal.SIGINT` is what PostgreSQL calls a fast shutdown."""

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    def url_at(self, port: int) -> str:
        return f"postgres://postgres@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """Make the cluster, as small as it can be, so that its disk may be small."""
        own(self.folder)
        initdb = program("initdb")
        assert initdb is not None
        options = ["-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(
            [initdb, *options], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **as_user()
        )

    def command(self) -> Sequence[str]:
        postgres = program("postgres")
        assert postgres is not None
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "off",  # a process is killed here, never a machine
            "max_wal_size": "64MB",
            "min_wal_size": "32MB",
        }
        return [
            postgres,
            "-D",
            str(self._data),
            *(f"--{name}={value}" for name, value in settings.items()),
        ]

    async def answers(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    async def terminate_all(self) -> None:
        """End all connections but this one, as an administrator does by hand."""
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        async with await psycopg.AsyncConnection.connect(self.url) as connection:
            await connection.execute(ending)

    @property
    def _data(self) -> Path:
        return self.folder / "data"


class Redis(_Service):
    """It keeps nothing on a disk: a restart forgets everything, as FLUSHALL does."""

    def make(self) -> None:
        own(self.folder)

    def url_at(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}/0"

    def command(self) -> Sequence[str]:
        redis = program("redis-server")
        assert redis is not None
        return [redis, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    async def answers(self) -> bool:
        try:
            return await self.say(b"PING") == b"+PONG\r\n"
        except OSError:
            return False

    async def say(self, words: bytes) -> bytes:
        """Send one inline command, and return the first line of its answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(words + b"\r\n")
        answer = await reader.readline()
        writer.close()
        return answer

    async def flush(self) -> None:
        await self.say(b"FLUSHALL")

    async def count_keys(self) -> int:
        return int((await self.say(b"DBSIZE")).strip(b":\r\n"))


@contextmanager
def both_running(folder: Path) -> Iterator[tuple[Postgres, Redis]]:
    """Have both, on what they keep in the folder."""
    postgres, redis = Postgres(folder / "postgres"), Redis(folder / "redis")
    postgres.make()
    redis.make()
    try:
        asyncio.run(postgres.start())
        asyncio.run(redis.start())
        yield postgres, redis
    finally:
        asyncio.run(postgres.stop(signal.SIGINT))
        asyncio.run(redis.stop(signal.SIGTERM))


def _person() -> str:
    """Return the user for PostgreSQL, which refuses to run as root."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def as_user() -> dict[str, Any]:
    """Return the arguments of Popen by which a program of root runs as somebody else."""
    if os.getuid():
        return {}
    entry = pwd.getpwnam(_person())
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def own(folder: Path) -> None:
    """Make a folder that belongs to that user."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.getuid():
        shutil.chown(folder, _person())
