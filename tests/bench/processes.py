"""The processes of a benchmark: what is measured has one core to itself, everything else has another."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support import process_resources
from tests.support.environment import without_settings
from tests.support.paths import ROOT

PATIENCE = 120
CORES = sorted(os.sched_getaffinity(0))
MEASURED, BESIDE = CORES[0], CORES[-1]
MODEL = "fake/vision"
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Served:
    """A server under test. `started_in`: seconds until it answered."""

    pid: int
    port: int
    started_in: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds of CPU used so far, by all its threads."""
        return process_resources.cpu_of(self.pid)

    def memory(self, which: str = "VmRSS") -> float:
        """Megabytes: resident now, or `VmHWM`, the most that ever were."""
        return process_resources.memory_of(self.pid, which)

    def memory_with_children(self) -> float:
        """Megabytes that are resident now, of the server and the processes that it has started."""
        return process_resources.memory_of_family(self.pid)

    def forget_peak(self) -> None:
        """Let `VmHWM` begin anew from what is resident now."""
        process_resources.forget_peak_of(self.pid)

    def kept_waiting(self) -> float:
        """Seconds that the event loop was ready to run while another program had its core."""
        return process_resources.kept_waiting(self.pid)


def environment(
    data_dir: Path, endpoint: str = "http://127.0.0.1:9/v1", more: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """Return the environment that the product reads, with nothing of a developer's own."""
    return without_settings() | {
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",  # pytest sets others
        "ENV_FILE": "tests/no.env",
        "DATA_DIR": str(data_dir),
        "CHAT_API_BASE_URL": endpoint,
        "CHAT_MODEL": MODEL,
        "AIMLAPI_KEY": "bench",
        **more,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def ours(
    data_dir: Path,
    endpoint: str,
    root: Path = ROOT,
    more: Mapping[str, str] = NOTHING,
    workers: int = 1,
) -> Iterator[Served]:
    """The product, as `make run` starts it, of the checkout in `root`."""
    port = free_port()
    arguments = ["manage.py", "serve", "--port", str(port)]
    if workers > 1:  # else there is no supervisor between
        arguments += ["--workers", str(workers)]
    variables = environment(data_dir, endpoint, more)
    with _served(arguments, variables, port, "/accounts/login/", root) as served:
        yield served


@contextmanager
def watched(data_dir: Path, endpoint: str) -> Iterator[Served]:
    """The product with a watch on its event loop, as `tests.bench.watched_serve` explains."""
    port = free_port()
    arguments = ["-m", "tests.bench.watched_serve", "--port", str(port)]
    with _served(arguments, environment(data_dir, endpoint), port, "/accounts/login/") as served:
        yield served


@contextmanager
def relay(endpoint: str) -> Iterator[Served]:
    port = free_port()
    variables = {**os.environ, "RELAY_ENDPOINT": endpoint}
    with _served(["-m", "tests.bench.relay", str(port)], variables, port, None) as served:
        yield served


@contextmanager
def endpoint() -> Iterator[str]:
    """The fake endpoint's base URL; one for each run, because it remembers every call."""
    with beside("tests.support.fake_endpoint") as url:
        _until_answered(f"{url}/v1/models")
        yield f"{url}/v1"


@contextmanager
def beside(module: str, *arguments: str) -> Iterator[str]:
    """The address of a server of the tests' own, which has the core that is not measured."""
    port = free_port()
    with _running(["-m", module, "--port", str(port), *arguments], dict(os.environ), BESIDE, ROOT):
        _until_listening(port)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _served(
    arguments: Sequence[str], variables: Mapping[str, str], port: int, page: str | None, root: Path = ROOT
) -> Iterator[Served]:
    begun = time.monotonic()
    with _running(arguments, variables, MEASURED, root) as process:
        if page is None:
            _until_listening(port)
        else:
            _until_answered(f"http://127.0.0.1:{port}{page}")
        yield Served(process.pid, port, time.monotonic() - begun)


@contextmanager
def _running(
    arguments: Sequence[str], variables: Mapping[str, str], core: int, root: Path
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        ["taskset", "-c", str(core), sys.executable, *arguments],
        cwd=root,
        env=variables,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _until_answered(url: str) -> None:
    _until_listening(httpx.URL(url).port or 80)
    httpx.get(url, timeout=PATIENCE, trust_env=False).raise_for_status()
