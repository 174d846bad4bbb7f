"""A child process: started when it is needed, killed when it takes too long."""

import contextlib
import json
import select
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LOOP: Final = Path(__file__).with_name("loop.py")
START_SECONDS: Final = 30.0
"""Seconds within which it is ready: it imports its libraries, on a machine that may be busy."""


class ChildFailedError(Exception):
    """The process gave no answer."""


class OvertimeError(ChildFailedError):
    """The process was killed at the deadline, or could not be used in time."""


class EndedError(ChildFailedError):
    """The process ended before it answered: it is out of memory, or has crashed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """Limits of a process. `tries` is 2 for one that may just end because nobody has needed it."""

    memory_bytes: int
    cpu_seconds: int = 3600
    turn_seconds: float = 10.0
    """Seconds for which a caller waits for its turn."""
    tries: int = 1


class ChildProcess:
    """One process for all callers, who take turns. Usable from any thread, and as a context that ends it."""

    def __init__(self, handler: Path, limits: ChildLimits) -> None:
        self._handler = handler
        self._limits = limits
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "ChildProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, question: Any, seconds: float) -> Any:
        """Return the answer to what can be written as JSON. Raises ChildFailedErrors.

        The deadline is that of the answer; the first question also waits until the process is ready.
        """
        line = json.dumps(question)
        if not self._turn.acquire(timeout=self._limits.turn_seconds):
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
        for _ in range(self._limits.tries):
            try:
                process = self._running()
                assert process.stdin is not None
                # it reads nothing else meanwhile, so this cannot block for long
                process.stdin.write(line + "\n")
                process.stdin.flush()
                return self._answer(process, seconds)
            except (EOFError, OSError):
                self._kill()
        raise EndedError

    def _running(self) -> "subprocess.Popen[str]":
        """Return the process; a new one where it has ended, because nobody needed it for a while."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._kill()
        limits = str(self._limits.memory_bytes), str(self._limits.cpu_seconds)
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", str(LOOP), str(self._handler), *limits],
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
