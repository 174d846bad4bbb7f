"""A process that runs programs on a site's rows: to start Django takes longer than any of them.

`python -m tests.support.browser.rows` reads a program a line, as JSON, and answers with what it has printed.
"""

import contextlib
import io
import json
import subprocess
import sys

import django

from tests.support.paths import ROOT


class Rows:
    """Such a process. It starts with the first program."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def run(self, program: str) -> str:
        """Run it to its end. Returns what it prints; raises AssertionError when it fails."""
        if self._process is None:
            self._process = self._started()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(program) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"see the error output; this failed:\n{program}"
        return str(json.loads(answer))

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.browser.rows"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


def serve() -> None:
    django.setup()
    for line in sys.stdin:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(json.loads(line), {})
        sys.stdout.write(json.dumps(printed.getvalue()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
