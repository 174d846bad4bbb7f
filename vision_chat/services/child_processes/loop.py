"""The script of a child process: it answers each line of JSON with one, by the handler that is named to it.

loop.py HANDLER MEMORY_BYTES CPU_SECONDS. It imports nothing of this application.
"""

import contextlib
import json
import os
import runpy
import select
import sys
from collections.abc import Callable
from typing import Any

IDLE_SECONDS = 120
NICENESS = 10


def main(arguments: list[str]) -> None:
    """Answer lines until there are no more, or none has come for a while."""
    handler, memory, seconds = arguments
    limit(int(memory), int(seconds))
    answer: Callable[[Any], Any] = runpy.run_path(handler)["answer"]
    say(None)  # that it is ready
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            return
        say(answer(json.loads(line)))


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit the memory and the processor time of this process, where the system can.

    A parent that is killed ends nobody: without the second, work without end would outlive it. Where both
    want a processor, the server comes first.
    """
    os.nice(NICENESS)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not everywhere there is one

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def say(result: Any) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
