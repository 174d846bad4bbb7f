"""The product and the fake endpoint as programs of their own, started as people start them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import urlsplit

from tests.support.paths import ROOT
from tests.support.server import PATIENCE, Addresses

ADDRESS = re.compile(r"Address: +(?P<url>\S+)/\n")
KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
SETUP = re.compile(r"/setup/(?P<token>[\w-]+)/")


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    """Return one without the developer's settings, in which warnings are shown and coverage goes on."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    fixed = {
        "ENV_FILE": "tests/no.env",
        "PYTHONWARNINGS": "default",
        "DATA_DIR": str(data_dir),
        "SHUTDOWN_GRACE": "0",
    }
    return kept | fixed | values


def manage(data_dir: Path, *arguments: str, **values: str) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py` to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(data_dir, **values),
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,  # a program begins slowly on a busy machine
        check=False,
    )


class Program:
    """`manage.py serve` on a free port; as a context it ends with the block, also where a test fails."""

    def __init__(self, data_dir: Path, output: Path, workers: int = 0, **values: str) -> None:
        self._errors = output.open("w+")
        several = ["--workers", str(workers)] if workers else []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", "0", *several],
            cwd=ROOT,
            env=environment(data_dir, **values),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.introduction = "".join(self._lines())
        found = ADDRESS.search(self.introduction)
        if found is None:
            said = self.introduction + self.errors()
            self.close()
            raise AssertionError(said)
        self.url = found["url"]
        self.port = urlsplit(self.url).port
        self.addresses = Addresses(self.port or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lines(self) -> Iterator[str]:
        """Up to the last line that is printed before serving begins."""
        for line in self.stdout:
            yield line
            if line.startswith("Endpoint:"):
                return

    @property
    def stdout(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def token(self) -> str:
        found = SETUP.search(self.introduction)
        assert found, self.introduction
        return found["token"]

    def errors(self) -> str:
        """Return what it has written to stderr."""
        self._errors.seek(0)
        return self._errors.read()

    def complaints(self) -> str:
        """Return the same without the lines that say how things go."""
        lines = self.errors().splitlines(keepends=True)
        return "".join(line for line in lines if " INFO vision_chat." not in line)

    def end(self, how: signal.Signals) -> int:
        """Send the signal, wait, and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self.stdout.close()
        self._errors.close()


@contextmanager
def endpoint_program() -> Iterator[str]:
    """The fake endpoint; its base URL."""
    command = [sys.executable, "-m", "tests.support.fake_endpoint"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
