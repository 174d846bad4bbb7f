"""Another process that holds the lock of the SQLite database."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import uvloop

from tests.attack.finding import Finding, at_most
from tests.attack.one_person import ANSWERED, SPEAKER, Scene, scenes
from tests.bench.speakers import Answer

READ_BAR = 0.5
END_BAR = 18.0
"""The grace of running replies is 10 s by default; the lock may add the time for saving their ends."""


def locked(data_dir: Path) -> Iterator[Finding]:
    """Hold the lock: pages are shown all the same, and the server ends."""
    for scene in scenes(data_dir):
        _load_page(scene)  # the first one loads what pages need
        uvloop.run(_begin_long_reply(scene))
        with closing(sqlite3.connect(data_dir / "db.sqlite3", isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            _load_page(scene)
            yield at_most("SQLite locked: a page of 20 messages", time.monotonic() - begun, READ_BAR, "s")
            os.kill(scene.served.pid, signal.SIGTERM)
            begun = time.monotonic()
            while Path(f"/proc/{scene.served.pid}/exe").exists():
                time.sleep(0.05)
            ended = time.monotonic() - begun
            yield at_most("SQLite locked, a reply runs: until the server has ended", ended, END_BAR, "s")


def _load_page(scene: Scene) -> None:
    headers = {"Cookie": f"sessionid={scene.prepared.sessions[0]}"}
    address = scene.served.url + scene.prepared.conversation
    httpx.get(address, headers=headers, timeout=60, trust_env=False).raise_for_status()


async def _begin_long_reply(scene: Scene) -> None:
    line = await scene.line(scene.prepared.sessions[2])
    await SPEAKER.ask(line, "Hello [scenario: recite number=1 tokens=2000 rate=10]", Answer("", 0, ""))
    assert await line.until(ANSWERED)
    line.close()
