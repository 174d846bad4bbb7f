"""Folders that take seconds to make, kept for all processes and all runs on the same state of the product."""

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.paths import ROOT

STATE = "TEST_STATE"
"""The variable with the state at the beginning of a run, which the processes of pytest-xdist inherit."""
PRODUCT = ("chatsite", "vision_chat", "static", "templates", "requirements.txt")
A_DAY = 24 * 60 * 60


def pytest_configure() -> None:
    os.environ.setdefault(STATE, _state_of_product())


def kept(config: pytest.Config, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of this name, which `make` makes where there is none of this state."""
    place = config.cache.mkdir(f"{name}-{os.environ[STATE]}")
    folder = place / name
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _forget_earlier(place, name)
            shutil.rmtree(place / "unfinished", ignore_errors=True)
            make(place / "unfinished")
            (place / "unfinished").rename(folder)
    return folder


def _forget_earlier(place: Path, name: str) -> None:
    """Remove those of other states, except where another run may still be reading."""
    for other in place.parent.glob(f"{name}-*"):
        if time.time() - other.stat().st_mtime > A_DAY:
            shutil.rmtree(other, ignore_errors=True)


def _state_of_product() -> str:
    found = hashlib.sha256(sys.version.encode())
    for name in PRODUCT:
        start = ROOT / name
        files = [start] if start.is_file() else sorted(start.rglob("*"))
        for path in files:
            if path.is_file() and path.suffix != ".pyc":
                found.update(str(path.relative_to(ROOT)).encode() + b"\0")
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]
