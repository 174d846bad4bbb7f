"""The resources of another process, as Linux tells them: CPU, memory, descriptors and children."""

import contextlib
import os
import re
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SCHED = 2
"""Makes the number of another process' CPU clock, as `clock_getcpuclockid` in C does."""


def cpu_of(pid: int, *, with_ended_children: bool = False) -> float:
    """Return the seconds of CPU that a process has used, by all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_ended_children else 13])) / TICKS


def cpu_of_family(pid: int) -> float:
    """Return the seconds of CPU that a process and all its children have used, also those that have ended."""
    found = cpu_of(pid, with_ended_children=True)
    for child in children_of(pid):
        with contextlib.suppress(OSError):
            found += cpu_of(child)
    return found


def memory_of(pid: int, which: str = "VmRSS") -> float:
    """Return the megabytes of a process: resident now, or `VmHWM`, the most that ever were."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{which}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def memory_of_family(pid: int) -> float:
    """Return the megabytes that are resident now, of a process and its children."""
    found = memory_of(pid)
    for child in children_of(pid):
        with contextlib.suppress(OSError, AssertionError):  # it has just ended
            found += memory_of(child)
    return found


def forget_peak_of(pid: int) -> None:
    """Let `VmHWM` begin anew from what is resident now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def children_of(pid: int) -> list[int]:
    """Return the processes that any thread of a process has started, the eldest first."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return sorted(found)


def waited_for_core(pid: int) -> float:
    """Return the seconds in which the first thread was ready to run while another had its core."""
    return int(_schedule_of(pid)[1]) / 1e9


def kept_waiting(pid: int) -> float:
    """Return the seconds that the event loop was ready to run while another program had its core.

    Only the difference of two calls means anything: what threads of its own ran is subtracted.
    """
    ran = int(_schedule_of(pid)[0]) / 1e9
    all_threads = time.clock_gettime(~pid << 3 | SCHED)
    return waited_for_core(pid) - (all_threads - ran)


def _schedule_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/schedstat").read_text().split()
