"""What a test needs of its machine, said by markers such as `browser` and `service("TEST_POSTGRES_URL")`."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

POSTGRESQL = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of PostgreSQL, by version."""
HTML_VALIDATE = ROOT / ".ci/node_modules/.bin/html-validate"


def _first_found(*names: str) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


CHROMIUM = _first_found("chromium", "chromium-browser", "google-chrome")
HEADLESS_CHROMIUM = _first_found("chromium-headless-shell") or CHROMIUM
"""The same engine without what surrounds a page for people: a third of the CPU for each context of a test."""


def program(name: str) -> str | None:
    """Return where a program is; None where it is not."""
    if found := shutil.which(name):
        return found
    of_postgresql = sorted(POSTGRESQL.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(of_postgresql[-1]) if of_postgresql else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, with the reason; REQUIRE_ALL_TESTS makes a failure of it."""
    for reason in _missing(item):
        if os.environ.get("REQUIRE_ALL_TESTS"):
            pytest.fail(f"REQUIRE_ALL_TESTS is set, but {reason}", pytrace=False)
        pytest.skip(reason)


def _missing(item: pytest.Item) -> Iterator[str]:
    if item.get_closest_marker("browser") and HEADLESS_CHROMIUM is None:
        yield "there is no Chromium here"
    if item.get_closest_marker("html_validate") and not HTML_VALIDATE.exists():
        yield "html-validate is not installed: `make scripts` does it with npm"
    for marker in item.iter_markers("service"):
        yield from (f"{name} is not set" for name in marker.args if not os.environ.get(name))
    for marker in item.iter_markers("programs"):
        yield from (f"{name} is not installed" for name in marker.args if program(name) is None)
