"""Databases that are migrated once and copied for each use: on PostgreSQL in a run, on SQLite in a state."""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from tests.support.environment import without_settings
from tests.support.kept import kept
from tests.support.paths import ROOT

EMPTY = "template1"
"""The database that PostgreSQL copies where no other is named: one without tables."""
RUN = "TEST_RUN"
"""The variable with the name of this run, which the processes of pytest-xdist inherit."""


def pytest_configure() -> None:
    os.environ.setdefault(RUN, uuid.uuid4().hex)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop the database at the end of the process that started the others."""
    if hasattr(session.config, "workerinput") or "TEST_POSTGRES_URL" not in os.environ:
        return
    with server() as postgres:
        postgres.execute(f'DROP DATABASE IF EXISTS "{_name()}"'.encode())


@contextmanager
def server() -> "Iterator[psycopg.Connection]":
    """A connection to the server of TEST_POSTGRES_URL, on which databases are made and dropped."""
    url = urlsplit(os.environ["TEST_POSTGRES_URL"])
    with psycopg.connect(urlunsplit(url._replace(scheme="postgresql")), autocommit=True) as postgres:
        yield postgres


def url_of(name: str) -> str:
    """Return the address of a database on that server."""
    return urlunsplit(urlsplit(os.environ["TEST_POSTGRES_URL"])._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the migrated database, which is a template for others. It takes seconds, once a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "migrated").exists():
            _make(shared)
            (shared / "migrated").touch()
    return _name()


def _make(folder: Path) -> None:
    with server() as postgres:
        postgres.execute(f'CREATE DATABASE "{_name()}"'.encode())
    _migrate(folder / "var", DATABASE_URL=url_of(_name()))


def _migrate(data_dir: Path, **values: str) -> None:
    settings = {"ENV_FILE": "tests/no.env", "DATA_DIR": str(data_dir), **values}
    settings["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"  # those of the tests take no address from here
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=without_settings() | settings, check=True)


def _name() -> str:
    return f"chat_{os.environ[RUN]}_migrated"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let pytest-django use the file of SQLite that is there."""
    return bool(connection.vendor == "sqlite")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> None:
    """Copy the migrated database for each process."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "postgresql":
        test["TEMPLATE"] = request.getfixturevalue("migrated")
    else:
        shutil.copy(kept(request.config, "migrated", _migrate) / "db.sqlite3", test["NAME"])
