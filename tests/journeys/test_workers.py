"""`serve --workers`: processes that are killed, replaced and ended while people watch."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.client import PASSWORD, Browser
from tests.support.migrated import EMPTY
from tests.support.process_resources import children_of
from tests.support.programs import Program, manage
from tests.support.returning_page import ReturningPage
from tests.support.server import PATIENCE, Server, running_endpoint, until
from tests.support.started import MakeServices, Services

pytestmark = [pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL"), pytest.mark.long]

WORDS = " ".join(f"word{number}" for number in range(30))
TOKENS = len(scenarios.tokens(WORDS))
COMES_BACK = 1012
ENVIRONMENT = {"SECRET_KEY": "shared" * 9, "CHAT_MODEL": "fake/vision", "SHUTDOWN_GRACE": "20"}


@dataclass(frozen=True)
class Site:
    """A supervisor with two workers, the endpoint that they ask, and a person who is signed in."""

    program: Program
    neighbour: Program
    """A server with one process, which was started at the same time, and has ended."""
    endpoint: Server
    browser: Browser
    services: Services
    data_dir: Path

    @property
    def workers(self) -> list[int]:
        """The processes of the workers, the eldest first."""
        return children_of(self.program.process.pid)

    def ask(self, browser: Browser | None = None) -> "Asked":
        """Begin a reply whose tokens wait to be let go."""
        self.endpoint.fake.script(scenarios.step(WORDS))
        socket = (browser or self.browser).socket()
        conversation = socket.submit("What stands there?")
        reply = socket.reply_id()
        call = self.endpoint.next_call()
        socket.close()
        return Asked(conversation, reply, call.release)

    def text(self, reply: str) -> str:
        return self.browser.get(f"/messages/{reply}/text/").text


@dataclass(frozen=True)
class Asked:
    """A question, and the hand on the tokens of its reply."""

    conversation: str
    reply: str
    release: Callable[[int], None]


@pytest.fixture(scope="module")
def site(
    prepared: Path, make_services: MakeServices, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("workers")
    data_dir = folder / "var"
    shutil.copytree(prepared, data_dir)
    services = make_services(EMPTY)
    with running_endpoint() as endpoint:
        own = ENVIRONMENT | {"CHAT_API_BASE_URL": endpoint.fake.base_url, "AIMLAPI_KEY": "key"}

        def start(workers: int) -> Program:
            return Program(data_dir, folder / f"errors{workers}", workers, **own, **services)

        with ThreadPoolExecutor() as threads:  # the database is empty still
            program, neighbour = threads.map(start, [2, 1])
        assert neighbour.end(signal.SIGTERM) == 0
        browser = Browser(cast(Server, program))
        fields = {"username": "root", "password1": PASSWORD, "password2": PASSWORD}
        assert browser.post(f"/setup/{program.token}/", data=fields).status_code == 302
        browser.cookies["sessionid"] = browser.http.cookies["sessionid"]
        yield Site(program, neighbour, endpoint, browser, services, data_dir)
        browser.close()
        neighbour.close()
        program.close()


def test_servers_that_start_at_once_on_an_empty_database_both_come_up(site: Site) -> None:
    assert site.program.token == site.neighbour.token
    assert site.browser.get("/readyz").json()["status"] == "ready"


def test_a_worker_that_is_killed_is_started_again(site: Site) -> None:
    until(lambda: len(site.workers) == 2)
    before = site.workers
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(site.workers) == 2 and site.workers != before)

    assert before[1] in site.workers
    assert f"({before[0]} was killed by SIGKILL); another one is started" in site.program.errors()
    assert site.browser.get("/").status_code == 200


def test_workers_are_replaced_under_a_running_reply_and_its_page_sees_it_all(site: Site) -> None:
    until(lambda: len(site.workers) == 2)
    before = site.workers
    asked = site.ask()
    # some at either worker: the second is replaced when the reply has ended, if that runs in the first
    pages = [ReturningPage(site.browser, asked.conversation, asked.reply) for _ in range(4)]
    asked.release(5)
    for page in pages:
        page.grows_to(20)
    site.program.process.send_signal(signal.SIGHUP)
    page = first_moved(pages)
    seen = page.model.revision
    asked.release(5)
    page.grows_to(seen + 20)
    assert page.model.status == "running"
    asked.release(TOKENS)
    asked.release(1)
    page.ends()
    until(lambda: "All workers were replaced" in site.program.errors())

    assert page.model.status == "completed"
    assert set(page.moves) == {COMES_BACK}
    assert "".join(page.model.blocks) in site.browser.get(f"/c/{asked.conversation}/").text
    assert site.text(asked.reply) == WORDS
    assert set(site.workers).isdisjoint(before)
    assert len(site.workers) == 2


def first_moved(pages: Sequence[ReturningPage]) -> ReturningPage:
    """Return a page that was told to come back."""

    def have_some_moved() -> bool:
        for page in pages:
            page.take()
        return any(page.moves for page in pages)

    until(have_some_moved)
    return next(page for page in pages if page.moves)


def test_one_worker_is_replaced_too(site: Site, tmp_path: Path) -> None:
    started = Program(site.data_dir, tmp_path / "errors", workers=1, **ENVIRONMENT, **site.services)
    with closing(started) as program:
        until(lambda: bool(children_of(program.process.pid)))  # it knows the signal then
        program.process.send_signal(signal.SIGHUP)
        until(lambda: "All workers were replaced" in program.errors())

        assert program.complaints() == ""
        assert program.end(signal.SIGTERM) == 0


def test_a_server_with_another_secret_key_is_refused(site: Site) -> None:
    other = {**site.services, "SECRET_KEY": "another" * 8}
    done = manage(site.data_dir, "serve", "--port", "0", **other)

    assert done.returncode == 1
    assert done.stderr.startswith(
        "Cannot start: SECRET_KEY is not that of the other servers on this database."
    )
    assert done.stdout == ""


def test_a_server_that_is_told_to_end_gives_running_replies_their_time(site: Site, tmp_path: Path) -> None:
    own = ENVIRONMENT | {"CHAT_API_BASE_URL": site.endpoint.fake.base_url, "AIMLAPI_KEY": "key"}
    started = Program(site.data_dir, tmp_path / "errors", workers=2, **own, **site.services)
    with closing(started) as program, closing(Browser(cast(Server, program))) as browser:
        until(lambda: program.errors().count("This worker serves") == 2)  # they know the signal then
        browser.cookies |= site.browser.cookies
        asked = site.ask(browser)
        watching = browser.socket()
        asked.release(5)
        program.process.send_signal(signal.SIGTERM)
        assert watching.wait_closed() == COMES_BACK
        asked.release(TOKENS)
        asked.release(1)

        assert program.process.wait(PATIENCE) == 0
        assert site.text(asked.reply) == WORDS
        assert 'data-status="completed"' in site.browser.get(f"/c/{asked.conversation}/").text
        assert program.complaints() == ""
        assert program.errors().count("Told to end") == 2
