"""The order of files: long ones begin first, lest one process still works when the others have none left."""

from collections import Counter

import pytest

from tests.support.paths import ROOT

LONG = 20
"""As many short tests take as much time as one that is marked as long."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the files of each folder by the work in them; within a file the order stays."""
    work: Counter[object] = Counter()
    for item in items:
        work[item.path] += LONG if item.get_closest_marker("long") else 1
    items.sort(key=lambda item: (item.path.relative_to(ROOT / "tests").parts[0], -work[item.path]))
