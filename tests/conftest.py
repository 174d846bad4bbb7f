from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from hypothesis import settings

from tests.support.client import PASSWORD, Browser
from tests.support.fake_endpoint import fake_endpoint as fake_endpoint  # noqa: PLC0414 - a fixture for all
from tests.support.needs import pytest_runtest_setup as pytest_runtest_setup  # noqa: PLC0414 - a hook for all
from tests.support.server import Server, running_server
from tests.support.started import (
    data_dir,  # noqa: F401 - fixtures for all
    prepared,  # noqa: F401 - fixtures for all
    set_up,  # noqa: F401 - fixtures for all
    start,  # noqa: F401 - fixtures for all
    visit,  # noqa: F401 - fixtures for all
)

# machines differ and are shared, so no example has a deadline; and no examples are kept between runs
settings.register_profile("any machine", deadline=None, database=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Failed sign-ins of one test must not slow down the next."""
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
def server(transactional_db: None) -> Iterator[Server]:
    with running_server() as server:
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
    """Nobody yet."""
    return open_browser(None)
