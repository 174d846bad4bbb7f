"""One browser and one server for all browser tests; a context of its own for everybody in every test."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site, running_site
from tests.support.browser.troubles import Troubles
from tests.support.needs import HEADLESS_CHROMIUM
from tests.support.neighbour import count
from tests.support.server import PATIENCE_MS
from tests.support.started import Services, services_on

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
OpenChat = Callable[..., ChatPage]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """For this package only: as long as Playwright runs, no other event loop can on this thread."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # the debug mode slows each of its calls, and Playwright's loop runs no code of ours
        asyncio.get_running_loop().set_debug(False)
        browser = playwright.chromium.launch(executable_path=HEADLESS_CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def services_of_site(request: pytest.FixtureRequest) -> Iterator[Services | None]:
    """The PostgreSQL and Redis of the site where TEST_SERVERS gives it several workers."""
    if count() == 1:
        yield None
        return
    with services_on(request.getfixturevalue("migrated")) as make:
        yield make()


@pytest.fixture(scope="session")
def site(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory, services_of_site: Services | None
) -> Iterator[Site]:
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("site") / "var")
    with running_site(folder, services=services_of_site) as site:
        yield site


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """What the browser of everybody who has signed in keeps."""
    return {}


@pytest.fixture
def troubles(site: Site) -> Iterator[Troubles]:
    site.now(site.fake.forget)
    troubles = Troubles(site)
    yield troubles
    try:
        troubles.check()
    finally:
        site.end_replies()


@pytest.fixture
def open_chat(
    chromium: Browser, site: Site, sessions: dict[str, StorageState], troubles: Troubles
) -> Iterator[OpenChat]:
    """Give somebody a browser of their own, signed in except where `name` is empty; the options are those
    of a browser context."""
    contexts = []

    def open_one(name: str = "ann", **options: Any) -> ChatPage:
        if name and name not in sessions:
            sessions[name] = site.rows.sign_in(name)
        context = chromium.new_context(storage_state=sessions.get(name), **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        troubles.watch(context)
        return ChatPage(context.new_page(), site, troubles).open()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def chat(open_chat: OpenChat) -> ChatPage:
    """Ann's browser, on a new chat."""
    return open_chat()
