"""Fixtures for tests of `manage.py serve` as a program."""

import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.client import PASSWORD, Browser
from tests.support.environment import redis_database
from tests.support.kept import kept
from tests.support.migrated import server, url_of
from tests.support.programs import Program
from tests.support.server import Server

Start = Callable[..., Program]
Visit = Callable[..., Browser]
SetUp = Callable[[Program], Browser]
Services = dict[str, str]
MakeServices = Callable[..., Services]


@pytest.fixture(scope="session")
def prepared(pytestconfig: pytest.Config) -> Path:
    """A data folder after its first start, which migrates and collects the static files for seconds."""
    return kept(pytestconfig, "prepared", start_once)


def start_once(data_dir: Path) -> None:
    with Program(data_dir, data_dir.with_suffix(".errors")) as program:
        assert program.end(signal.SIGTERM) == 0, program.errors()


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "var")
    return tmp_path / "var"


@pytest.fixture
def start(data_dir: Path, tmp_path: Path) -> Iterator[Start]:
    programs: list[Program] = []

    def start_one(**values: Any) -> Program:
        programs.append(Program(data_dir, tmp_path / f"errors{len(programs)}", **values))
        return programs[-1]

    yield start_one
    for program in programs:
        program.close()


@pytest.fixture
def visit() -> Iterator[Visit]:
    browsers: list[Browser] = []

    def visit_one(program: Program, session: str = "") -> Browser:
        browser = Browser(cast(Server, program))
        browsers.append(browser)
        if session:
            browser.cookies["sessionid"] = session
            browser.http.cookies.set("sessionid", session)
        return browser

    yield visit_one
    for browser in browsers:
        browser.close()


@pytest.fixture
def set_up(visit: Visit) -> SetUp:
    """Create the administrator; the browser that did."""

    def set_one_up(program: Program) -> Browser:
        browser = visit(program)
        fields = {"username": "root", "password1": PASSWORD, "password2": PASSWORD}
        assert browser.post(f"/setup/{program.token}/", data=fields).status_code == 302
        browser.cookies["sessionid"] = browser.http.cookies["sessionid"]
        return browser

    return set_one_up


@contextmanager
def services_on(migrated: str) -> Iterator[MakeServices]:
    """The settings of a migrated database of its own for each call, and of one Redis for all.

    They are dropped together at the end, because PostgreSQL writes everything to the disk each time.
    """
    names: list[str] = []
    with server() as postgres:

        def make(template: str = migrated) -> Services:
            names.append(f"chat_{uuid.uuid4().hex}")
            postgres.execute(f'CREATE DATABASE "{names[-1]}" TEMPLATE "{template}"'.encode())
            return {
                "DATABASE_URL": url_of(names[-1]),
                "REDIS_URL": redis_database(os.environ["TEST_REDIS_URL"]),
            }

        yield make
        for name in names:
            postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def make_services(migrated: str) -> Iterator[MakeServices]:
    with services_on(migrated) as make:
        yield make


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    return make_services()
