"""How often a test at random is run."""

import os


def seeds(count: int) -> range:
    """Return so many seeds; two on PostgreSQL, which is asked the same whatever the order of events."""
    return range(2 if os.environ.get("TEST_ON_SERVICES") else count)
