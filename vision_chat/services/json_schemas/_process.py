"""The process that reads schemas: started when it is needed, killed when it takes too long."""

import atexit
import contextlib
import json
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

SCRIPT: Final = Path(__file__).with_name("_child.py")
START_SECONDS: Final = 30.0
"""Seconds within which it is ready: it imports the library, on a machine that may be busy."""
TURN_SECONDS: Final = 10.0
"""Seconds for which a caller waits for its turn."""

TRIES: Final = 2
"""The first process may just end, because nobody has needed it; one that ends again is out of memory."""


class OvertimeError(Exception):
    """The process was killed at the deadline, or could not be used in time."""


class SchemaProcess:
    """One process for all callers, who take turns. Usable from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, line: str, seconds: float) -> Any:
        """Return the answer to a line. Raises OvertimeError."""
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise OvertimeError
        try:
            return self._ask(line, seconds)
        except BaseException:
            self._kill()
            raise
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._kill()

    def _ask(self, line: str, seconds: float) -> Any:
        for _ in range(TRIES):
            try:
                process = self._running()
                assert process.stdin is not None
                # it reads nothing else meanwhile, so this cannot block for long
                process.stdin.write(line + "\n")
                process.stdin.flush()
                return self._answer(process, seconds)
            except (EOFError, OSError):
                self._kill()
        raise OvertimeError

    def _running(self) -> "subprocess.Popen[str]":
        """Return the process; a new one where it has ended, because nobody needed it for a while."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._kill()
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            encoding="utf-8",
        )
        self._answer(self._process, START_SECONDS)
        return self._process

    def _answer(self, process: "subprocess.Popen[str]", seconds: float) -> Any:
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], seconds)[0]:
            raise OvertimeError
        line = process.stdout.readline()
        if not line:
            raise EOFError
        return json.loads(line)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(OSError):
            process.communicate()


shared = SchemaProcess()
"""The one of this server process."""
atexit.register(shared.close)
