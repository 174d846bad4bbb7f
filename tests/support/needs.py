"""What a test needs of its machine, said by markers: `browser`, and `service("TEST_POSTGRES_URL")`."""

import os
import shutil
from collections.abc import Iterator

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, with the reason; REQUIRE_ALL_TESTS makes a failure of it."""
    for reason in _missing(item):
        if os.environ.get("REQUIRE_ALL_TESTS"):
            pytest.fail(f"REQUIRE_ALL_TESTS is set, but {reason}", pytrace=False)
        pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL and Redis run only what reaches them: all else has run without them."""
    if os.environ.get("TEST_ON_SERVICES"):
        items[:] = [item for item in items if _reaches_a_database(item) or item.get_closest_marker("service")]


def _reaches_a_database(item: pytest.Item) -> bool:
    fixtures: set[str] = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & {"db", "transactional_db"} or item.get_closest_marker("django_db"))


def _missing(item: pytest.Item) -> Iterator[str]:
    if item.get_closest_marker("browser") and CHROMIUM is None:
        yield "there is no Chromium here"
    for marker in item.iter_markers("service"):
        yield from (f"{name} is not set" for name in marker.args if not os.environ.get(name))
