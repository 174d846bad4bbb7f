"""The values of all processes of a server together. Imported only where METRICS_PORT is set."""

import shutil
import struct
import threading
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
TRIES: Final = 3
"""A file that a process has just opened is empty for a moment."""
_Collector: Any = MultiProcessCollector  # the package types only a part of itself
_Values: Any = MmapedDict  # the same
_mark_dead: Any = mark_process_dead  # the same


def emptied(folder: Path) -> Path:
    """Make the folder of the values anew: those of the server before would count as those of this one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


class Aggregate:
    """The files of values in a folder, one of a kind for each process. Callable from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        """Held while files are read or put together: what has been added elsewhere must not count twice."""

    def text(self) -> bytes:
        """Return the sums in the format of Prometheus."""
        with self._lock:
            for _ in range(TRIES - 1):
                try:
                    return self._read()
                except struct.error:
                    continue
            return self._read()

    def forget(self, pid: int) -> None:
        """Drop the gauges of a process that has died, and add what it has counted to that of others before.

        Else each restart would leave files that every scrape reads.
        """
        with self._lock:
            _mark_dead(pid, str(self._folder))
            for kind in ("counter", "histogram"):
                self._add_up(self._folder / f"{kind}_{pid}.db", self._folder / f"{kind}_ended.db")

    def _read(self) -> bytes:
        registry = CollectorRegistry()
        _Collector(registry, str(self._folder))
        return generate_latest(registry)

    def _add_up(self, file: Path, ended: Path) -> None:
        if not file.exists():
            return
        sums = _Values(str(ended))
        try:
            for key, value, _, _ in _Values.read_all_values_from_file(str(file)):
                sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
        finally:
            sums.close()
        file.unlink()
