"""The servers under test, on a PostgreSQL and a Redis of their own, with a network that can fail."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.bench import processes
from tests.chaos.people import sessions_of
from tests.chaos.proxy import Proxy
from tests.chaos.services import PATIENCE, Postgres, Redis, own
from tests.support.paths import ROOT
from tests.support.process_resources import children_of

STARTUP = 120
SERVE = ("manage.py", "serve")
DISK_MEGABYTES = 300
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


class Server:
    """One `manage.py serve`, which reaches its services through proxies of its own."""

    def __init__(self, site: "Site", number: int) -> None:
        self.number = number
        self.port = processes.free_port()
        self.database, self.redis = Proxy(site.postgres.port), Proxy(site.redis.port)
        self._site, self._workers = site, site.workers
        self._clock = site.folder / f"clock{number}"
        self._log = site.folder / f"server{number}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        site = self._site
        if not self.database.port:
            await self.database.start()
            await self.redis.start()
        variables = processes.environment(site.folder / "var", site.endpoint) | {
            "DATABASE_URL": site.postgres.url_at(self.database.port),
            "REDIS_URL": site.redis.url_at(self.redis.port),
            "SHUTDOWN_GRACE": "1",
            **self._of_clock(),
            **site.settings,
        }
        serve = ("-m", "tests.chaos.jumpy_serve") if self.has_jumpy_clock else site.serve
        arguments = ["--workers", str(self._workers)] if self._workers > 1 else []
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it is done in no time
                [sys.executable, *serve, "--port", str(self.port), *arguments],
                cwd=site.root_of(self.number),
                env=variables,
                stdout=log,
                stderr=log,
            )
        await self.wait()

    async def wait(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(STARTUP), httpx.AsyncClient(trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await http.get(f"{self.url}/accounts/login/", timeout=5)
                    return
                assert self._process is not None
                assert self._process.poll() is None, self._log.read_text()
                await asyncio.sleep(0.1)

    @property
    def pids(self) -> list[int]:
        """The processes that serve: the workers, or the one that there is."""
        assert self._process is not None
        if self._workers == 1:
            return [self._process.pid]
        return children_of(self._process.pid)

    def send_signal(self, how: signal.Signals, port: int | None = None) -> int:
        """Send one of its processes a signal, that which calls from `port` where that is given; its pid."""
        pid = random.choice(self.pids) if port is None else self._caller_from(port)
        os.kill(pid, how)
        return pid

    def _caller_from(self, port: int) -> int:
        """Return the process that has a connection from this port."""
        connections = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        inodes = {f"socket:[{fields[9]}]" for fields in connections if fields[1].endswith(f":{port:04X}")}
        for pid in self.pids:
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in inodes:
                        return pid
        raise LookupError(port)

    def roll(self) -> None:
        """Let all of its processes be replaced, one at a time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def resume(self, pid: int) -> None:
        """Let a process go on, where it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    async def killed(self) -> None:
        """Wait until the process that was killed has gone, where nobody starts it again."""
        assert self._process is not None
        if self._workers == 1:
            await asyncio.to_thread(self._process.wait, PATIENCE)

    @property
    def is_its_own_keeper(self) -> bool:
        """Tell whether a killed process is started again by itself."""
        return self._workers > 1

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        try:
            await asyncio.to_thread(self._process.wait, PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def log(self) -> str:
        return self._log.read_text()

    @property
    def has_jumpy_clock(self) -> bool:
        is_plain = self._site.serve == SERVE and self._workers == 1
        is_ours = self._site.root_of(self.number) == ROOT
        return FAKETIME is not None and self.number > 0 and is_plain and is_ours

    def jump(self, seconds: int) -> None:
        """Set the clock of its processes so far off. Monotonic clocks go on."""
        self._clock.write_text(f"{seconds:+d}\n")

    def _of_clock(self) -> dict[str, str]:
        if not self.has_jumpy_clock:
            return {}
        if not self._clock.exists():
            self.jump(0)
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


class Site:
    """All of it. `sessions` are of people who are signed in. The last server runs the code of `beside`."""

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        *,
        servers: int,
        workers: int = 1,
        serve: Sequence[str] = SERVE,
        beside: Path = ROOT,
    ) -> None:
        self.folder, self.endpoint = folder, endpoint
        self.workers, self.serve = workers, serve
        self._beside = beside
        self.postgres = Postgres(folder / "postgres")
        self.redis = Redis(folder / "redis")
        self.settings: Mapping[str, str] = processes.NOTHING
        self.sessions: list[str] = []
        self.servers = [Server(self, number) for number in range(servers)]

    async def start(self, people: int, settings: Mapping[str, str] = processes.NOTHING) -> None:
        self.settings = settings
        self.redis.make()
        await asyncio.to_thread(self.postgres.make)
        await asyncio.gather(self.postgres.start(), self.redis.start())
        self.sessions = await asyncio.to_thread(
            sessions_of, people, self.folder / "var", {"DATABASE_URL": self.postgres.url}
        )
        for server in self.servers:  # the first one collects the static files
            await server.start()

    async def stop(self) -> None:
        await asyncio.gather(*(server.end() for server in self.servers))
        await asyncio.gather(*(self._stop_proxies(server) for server in self.servers))
        await asyncio.gather(self.postgres.stop(signal.SIGINT), self.redis.stop(signal.SIGTERM))

    def others(self, server: Server) -> list[Server]:
        return [each for each in self.servers if each is not server]

    def root_of(self, number: int) -> Path:
        """Return the checkout whose code the server of this number runs."""
        return self._beside if number == len(self.servers) - 1 else ROOT

    def any_server(self) -> Server:
        return random.choice(self.servers)

    async def _stop_proxies(self, server: Server) -> None:
        if server.database.port:
            await asyncio.gather(server.database.stop(), server.redis.stop())


@asynccontextmanager
async def running(site: Site, people: int, settings: Mapping[str, str]) -> AsyncIterator[None]:
    try:
        await site.start(people, settings)
        yield
    finally:
        await site.stop()


class Disk:
    """A disk that is so small that it can be filled: a tmpfs, which only root mounts."""

    def __init__(self, folder: Path, megabytes: int = DISK_MEGABYTES) -> None:
        self._folder, self._megabytes = folder, megabytes
        self.is_small = False

    def mount(self) -> None:
        own(self._folder)
        options = f"size={self._megabytes}m,mode=755"
        mounting = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "chaos", str(self._folder)],
            check=False,
            capture_output=True,
        )
        self.is_small = mounting.returncode == 0
        own(self._folder)

    def unmount(self) -> None:
        if self.is_small:
            subprocess.run(["umount", str(self._folder)], check=False)

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Have no room left while this is entered."""
        ballast = self._folder / "ballast"
        try:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
            yield
        finally:
            ballast.unlink()
