"""Search among 400,000 messages: what it takes of the database, and what indexing takes of this process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.table import Row, at_most
from tests.support import paths

MESSAGES = 400_000
DATABASE_MS = 100
CPU_MS = 1
SERVICE = "TEST_POSTGRES_URL"
DATABASE = "vision_chat_bench_search"


def both(ground: Ground, _rounds: int) -> Iterator[Row]:
    """SQLite, and PostgreSQL where the environment names one; the first run of each fills its database."""
    yield from _rows("SQLite", _measured(ground.data_dir / "search", {}))
    if server := os.environ.get(SERVICE):
        with database_on(server, DATABASE) as url:
            yield from _rows("PostgreSQL", _measured(ground.data_dir / "search", {"DATABASE_URL": url}))


def _rows(database: str, figures: Mapping[str, Any]) -> Iterator[Row]:
    for what, milliseconds in figures["database_ms"].items():
        name = f"search on {database}: {what}"
        yield at_most(name, "ms", DATABASE_MS, [milliseconds], digits=1)
    name = f"search on {database}: CPU of indexing 2,000 characters"
    yield at_most(name, "ms", CPU_MS, [figures["cpu_ms"]], digits=2)
    yield Row(
        figure=f"search on {database}: indexing {MESSAGES:,} messages",
        bar="–",
        ours=f"{figures['indexed_s']:.0f} s",
    )


def _measured(data_dir: Path, more: Mapping[str, str]) -> dict[str, Any]:
    data_dir.mkdir(exist_ok=True)
    measuring = subprocess.run(
        [sys.executable, "-m", "tests.bench.searching", str(MESSAGES)],
        cwd=paths.ROOT,
        env=processes.environment(data_dir, more=more),
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(measuring.stdout)
    return figures


@contextmanager
def database_on(server: str, name: str) -> Iterator[str]:
    """A database of its own on this server; its URL."""
    _execute(server, f"DROP DATABASE IF EXISTS {name}")
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    # outside of a transaction, in which no database can be made
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
