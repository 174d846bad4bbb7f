"""The product as a process of its own, as `make run` starts it: real settings, collected static files."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.browser.site_rows import SiteRows
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.neighbour import count
from tests.support.paths import ROOT
from tests.support.server import PATIENCE, Server, running_loop
from tests.support.web_server import WebServer

SERVE = (sys.executable, str(ROOT / "tests/support/browser/serve.py"), "serve")


class Site(Server):
    """`manage.py serve` on a folder of its own. `fake` is its endpoint, except where it serves the demo."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fake: FakeEndpoint,
        web: WebServer,
        folder: Path,
        *,
        asks_for_reasons: bool = False,
        seals: bool = False,
        services: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(loop, fake)
        self.web = web
        self._workers = count() if services else 1
        self.set_up_url = ""
        self._folder = folder
        self._log = folder / "log"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            **(services or {}),
            "TEST_WEB_PORT": str(web.port),
            "SHUTDOWN_GRACE": "0",
            "READING_NEEDS_REASON": "1" if asks_for_reasons else "0",
            "SEALS_CONVERSATIONS": "1" if seals else "0",
            "MAX_UNSENT_IMAGES": "10000",  # of all tests together
            "MAX_UPLOADS_PER_MINUTE": "10000",
            "MAX_REPLIES_PER_PERSON": "1000",  # some tests leave one running
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",  # beside `serve` lies a module that is called as one of Python's own
            "PYTHONDEVMODE": "",  # the pace of streams is seen here, and the debug mode of asyncio slows it
        }
        self._process: subprocess.Popen[str] | None = None
        self.rows = SiteRows(self._environment, fake)

    def answer_with_the_fake(self) -> None:
        self._environment |= {"CHAT_API_BASE_URL": self.fake.base_url, "CHAT_MODEL": "fake/vision"}

    def start(self) -> None:
        """Serve; once more on the same port, when it was stopped or killed."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*SERVE, "--port", str(self.port), "--workers", str(self._workers)],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        self._read_introduction(self._process.stdout)

    def _read_introduction(self, lines: IO[str]) -> None:
        expected = {"Address", "Endpoint"} if self.port else {"Address", "Endpoint", "Set up"}
        for line in lines:
            name, _, value = line.partition(":")
            expected.discard(name)
            if name == "Address":
                self.port = int(value.strip(" \n/").rpartition(":")[2])
            elif name == "Set up":
                self.set_up_url = value.strip()
            if not expected:
                return
        raise AssertionError(f"the server does not start:\n{self.log()}")

    def stop(self) -> None:
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """As the kernel does when memory runs out: nothing is saved, nobody is told."""
        self._end(subprocess.Popen.kill)

    def _end(self, by: Callable[["subprocess.Popen[str]"], None]) -> None:
        if self._process is None:
            return
        by(self._process)
        self._process.communicate(timeout=PATIENCE)
        self._process = None

    def close(self) -> None:
        self.stop()
        self.rows.close()

    def end_replies(self) -> None:
        """Break off whatever is still being written: it would take what the next test has scripted, and tell
        the pages of the next test of its end."""
        if self._process is None:
            return
        self.now(self.fake.forget_script)

        def have_ended() -> bool:
            self.now(self.fake.cut)
            return self.rows.count_running() == 0

        self.until(have_ended)

    def log(self) -> str:
        """Return what the server has said about itself so far."""
        return self._log.read_text()


@contextmanager
def running_site(
    folder: Path,
    *,
    demo: bool = False,
    asks_for_reasons: bool = False,
    seals: bool = False,
    services: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """A fresh installation; not `demo`: with people, and answers from the scripted endpoint.

    With `services`, the settings of a PostgreSQL and a Redis, it has as many workers as TEST_SERVERS says.
    Most tests of the admin are about something else than the reasons for which somebody reads.
    """
    with running_loop() as loop:
        fake, web = FakeEndpoint(), WebServer()
        asyncio.run_coroutine_threadsafe(web.__aenter__(), loop).result(PATIENCE)
        site = Site(
            loop, fake, web, folder, asks_for_reasons=asks_for_reasons, seals=seals, services=services
        )
        site.call(fake.__aenter__())
        try:
            if not demo:
                site.answer_with_the_fake()
            site.start()
            if not demo:
                site.rows.create_people()
            yield site
        finally:
            site.close()
            site.call(fake.__aexit__(None, None, None))
            site.call(web.__aexit__(None, None, None))
