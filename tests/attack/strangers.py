"""Pages asked for by nobody, with sessions that do not exist."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.attack.attackers import invented_sessions
from tests.attack.finding import Finding, at_most
from tests.attack.witness import felt
from tests.bench import ground, processes


def strangers(data_dir: Path) -> Iterator[Finding]:
    """Ask for 300 pages at once, on SQLite, and on PostgreSQL where TEST_POSTGRES_URL names one."""
    yield from _asked(data_dir / "sqlite", "SQLite")
    if "TEST_POSTGRES_URL" in os.environ:
        with _database() as url:
            yield from _asked(data_dir / "postgresql", "PostgreSQL", {"DATABASE_URL": url})


def _asked(data_dir: Path, name: str, more: Mapping[str, str] = processes.NOTHING) -> Iterator[Finding]:
    prepared = ground.prepare(data_dir, more)
    with processes.endpoint() as endpoint, processes.ours(data_dir, endpoint, more=more) as served:
        meanwhile = felt(served, prepared.sessions[0], prepared.sessions[1], invented_sessions)
    yield at_most(f"300 invented sessions, {name}: another's page", meanwhile.page, 1, "s")
    yield at_most(f"300 invented sessions, {name}: another's submit", meanwhile.submit, 0.5, "s")
    yield at_most(f"300 invented sessions, {name}: memory", meanwhile.memory, 50, "MB", digits=0)


@contextmanager
def _database() -> Iterator[str]:
    """The address of an empty database, which is dropped afterwards."""
    server = urlsplit(os.environ["TEST_POSTGRES_URL"])
    name = f"attack_{uuid.uuid4().hex}"
    with psycopg.connect(server._replace(scheme="postgresql").geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield server._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
