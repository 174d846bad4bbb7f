"""Thousands of deleted conversations that are purged while another person asks."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import uvloop

from tests.attack.finding import Finding, at_most, joined
from tests.attack.one_person import SUBMIT_BAR, Scene
from tests.bench import ground, processes
from tests.support import paths

CONVERSATIONS = 20_000
SECONDS = 2.0
MOST_SECONDS = 300

LEFT = "SELECT count(*) FROM vision_chat_conversation WHERE deleted_at IS NOT NULL"


def purging(data_dir: Path) -> Iterator[Finding]:
    """Start a server that has them all to purge, and ask until none is left."""
    prepared = ground.prepare(data_dir)
    subprocess.run(
        [sys.executable, "-m", "tests.attack.deleted", str(CONVERSATIONS)],
        cwd=paths.ROOT,
        env=processes.environment(data_dir),
        check=True,
    )
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint) as served:
        scene, begun, slowest = Scene(served, prepared), time.monotonic(), 0.0
        while _left(data_dir) and time.monotonic() - begun < MOST_SECONDS:
            slowest = max(slowest, uvloop.run(scene.slowest_submit(SECONDS)))
        took, left = time.monotonic() - begun, _left(data_dir)
        idle = uvloop.run(scene.slowest_submit(SECONDS))
    yield joined(
        f"{CONVERSATIONS:,} deleted conversations are purged",
        at_most("another's slowest submit", slowest, SUBMIT_BAR, "s"),
        at_most("and when all is purged", idle, SUBMIT_BAR, "s"),
        at_most("time", took, MOST_SECONDS, "s", digits=0),
        at_most("left", left, 0, "", digits=0),
    )


def _left(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        count: int = database.execute(LEFT).fetchone()[0]
    return count
