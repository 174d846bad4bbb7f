"""A small S3 of its own for tests: moto's server in another process, on a free port."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.server import until
from vision_chat.services.files.s3 import S3Files

BUCKET = "chat-pictures"


class SmallS3:
    """The server, which can be stopped and become silent as one of the world can."""

    def __init__(self, log: Path, port: int | None = None) -> None:
        with socket.create_server(("127.0.0.1", port or 0)) as free:
            self.port: int = free.getsockname()[1]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def options(self) -> dict[str, Any]:
        """Return what the storage is made with."""
        return {
            "bucket_name": BUCKET,
            "endpoint_url": self.url,
            "region_name": "us-east-1",
            "access_key": "a",
            "secret_key": "not-asked-for",
        }

    def start(self) -> None:
        """Start it with an empty bucket: it keeps files in its memory."""
        command = [sys.executable, "-m", "moto.server", "-p", str(self.port)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers)
        S3Files(**self.options).connection.create_bucket(Bucket=BUCKET)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let it take connections and answer none."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def names(self) -> set[str]:
        """Return the names of all files."""
        bucket = S3Files(**self.options).connection.Bucket(BUCKET)
        return {found.key for found in bucket.objects.all()}

    def requests(self) -> list[str]:
        """Return the requests that it has answered, as "GET /bucket/name"."""
        lines = (line.partition('"')[2].partition(" HTTP/")[0] for line in self._log.read_text().splitlines())
        return [line for line in lines if line]

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
