from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections
from hypothesis import settings

from tests.support import neighbour, sources
from tests.support.client import PASSWORD, Browser
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.server import Server, running_fake, running_server

pytest_plugins = [
    "tests.support.emptying",
    "tests.support.garbage",
    "tests.support.kept",
    "tests.support.migrated",
    "tests.support.needs",
    "tests.support.order",
    "tests.support.sockets",
    "tests.support.started",
]

# the same examples everywhere, without a deadline; half as many as usual, as tests ask for each family
settings.register_profile("gate", parent=settings.get_profile("ci"), max_examples=50)


def pytest_configure() -> None:
    neighbour.follow_settings()
    sources.take_for_unchanged()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Give up the connections of the thread that asgiref shares and of a second server, with which PostgreSQL
    drops no database."""
    yield
    neighbour.end()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(scope="session", autouse=True)
def _s3_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small S3 on which pictures lie where TEST_S3 is set."""
    if not configured.VISION_CHAT.s3_bucket:
        yield
        return
    from tests.support.s3 import SmallS3  # noqa: PLC0415 - no other test pays for its imports

    port = urlsplit(configured.VISION_CHAT.s3_endpoint_url).port
    server = SmallS3(tmp_path_factory.mktemp("s3") / "log", port)
    server.start()
    yield
    server.stop()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Forget failed sign-ins, which would slow down those of the next test."""
    cache.clear()


@pytest.fixture
def ann(transactional_db: None) -> User:
    return User.objects.create_user("ann", password=PASSWORD)


@pytest.fixture
def stranger(transactional_db: None) -> User:
    return User.objects.create_user("stranger", password=PASSWORD)


@pytest.fixture
def administrator(transactional_db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def reading_without_reasons(settings: Any) -> None:
    """Let those who may view conversations read them all, for tests of something else than who reads what."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, reading_needs_reason=False)


@pytest.fixture
async def fake() -> AsyncIterator[FakeEndpoint]:
    async with FakeEndpoint() as fake:
        yield fake


@pytest.fixture
def fake_of_loop() -> Iterator[FakeEndpoint]:
    """The fake endpoint for a test that is synchronous."""
    with running_fake() as fake:
        yield fake


@pytest.fixture
def server(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Server]:
    kind = Server if request.node.get_closest_marker("one_server") else None
    with running_server(kind) as server:
        yield server


@pytest.fixture
def open_browser(server: Server) -> Iterator[Callable[[User | None], Browser]]:
    browsers: list[Browser] = []

    def open_one(user: User | None = None) -> Browser:
        browsers.append(Browser(server, user))
        return browsers[-1]

    yield open_one
    for browser in browsers:
        browser.close()


@pytest.fixture
def browser(open_browser: Callable[[User | None], Browser], ann: User) -> Browser:
    return open_browser(ann)


@pytest.fixture
def visitor(open_browser: Callable[[User | None], Browser]) -> Browser:
    """A browser in which nobody is signed in."""
    return open_browser(None)
