"""The tools of PostgreSQL: found, told what they need, and believed when they fail."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from vision_chat.errors.backups import BackupError
from vision_chat.services.backups import postgresql

DATABASE = {
    "NAME": "chat",
    "HOST": "db.example.org",
    "PORT": 5433,
    "USER": "ann",
    "PASSWORD": "secret",
    "OPTIONS": {"sslmode": "verify-full", "pool": {}},
}
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a script in the place of a tool."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def install_one(tool: str, script: str) -> None:
        (tmp_path / tool).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / tool).chmod(0o700)

    return install_one


def test_a_tool_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match=r"pg_dump is not installed.*postgresql-client-17"):
        postgresql.require("pg_dump", 17)


@pytest.mark.parametrize("version", ["17.1 (Debian 17.1-0)", "18beta1"])
def test_a_tool_as_new_as_the_server_will_do(install: Install, version: str) -> None:
    install("pg_dump", f"echo 'pg_dump (PostgreSQL) {version}'")
    postgresql.require("pg_dump", 17)


@pytest.mark.parametrize("said", ["pg_dump (PostgreSQL) 15.20 (Debian 15.20-0)", "out of order"])
def test_an_older_tool_is_refused(install: Install, said: str) -> None:
    install("pg_dump", f"echo '{said}'")
    with pytest.raises(BackupError, match=r"older than the server, which is PostgreSQL 17"):
        postgresql.require("pg_dump", 17)


def test_the_password_is_no_argument(install: Install, tmp_path: Path) -> None:
    install("pg_dump", 'echo "$PGHOST $PGPORT $PGUSER $PGDATABASE $PGPASSWORD $PGSSLMODE; $*"')
    with (tmp_path / "dump").open("w+b") as into:
        postgresql.dump(DATABASE, "0000-1", into, lambda: None)
    environment, _, arguments = (tmp_path / "dump").read_text().partition("; ")

    assert environment == "db.example.org 5433 ann chat secret verify-full"
    assert "--snapshot=0000-1" in arguments
    assert "secret" not in arguments


def test_what_a_tool_says_is_told(install: Install, tmp_path: Path) -> None:
    install("pg_dump", "echo 'no such snapshot' >&2; exit 1")
    with (tmp_path / "dump").open("wb") as into, pytest.raises(BackupError, match="pg_dump failed: no such"):
        postgresql.dump(DATABASE, "0000-1", into, lambda: None)


def test_a_tool_that_ends_before_it_has_read_all_is_believed(install: Install) -> None:
    install("pg_restore", "echo 'unsupported version' >&2; exit 1")
    with pytest.raises(BackupError, match="pg_restore failed: unsupported version"):
        postgresql.load(DATABASE, io.BytesIO(bytes(10_000_000)))


def test_a_source_that_fails_ends_the_tool(install: Install, tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("unreadable")

    install("pg_restore", f"cat >/dev/null; touch {tmp_path / 'committed'}")
    with pytest.raises(OSError, match="unreadable"):
        postgresql.load(DATABASE, Failing())
    assert not (tmp_path / "committed").exists()


def test_it_ticks_while_a_tool_runs(install: Install, tmp_path: Path) -> None:
    install("pg_dump", f"while [ ! -e {tmp_path / 'told'} ]; do sleep 0.05; done")
    with (tmp_path / "dump").open("wb") as into:
        postgresql.dump(DATABASE, "0000-1", into, (tmp_path / "told").touch)


def test_a_tick_that_fails_ends_the_tool(install: Install, tmp_path: Path) -> None:
    def tick() -> None:
        raise BackupError(problem="lost")

    install("pg_dump", "exec sleep 60")
    with (tmp_path / "dump").open("wb") as into, pytest.raises(BackupError, match="lost"):
        postgresql.dump(DATABASE, "0000-1", into, tick)
