"""Coverage waits while a test goes through many examples: tracing doubles the CPU of the longest tests.

So a line counts as covered where an example that somebody wrote down reaches it, not where chance does.
"""

import sys
from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Run a test with the marker `many_examples` untraced on its own thread."""
    if pyfuncitem.get_closest_marker("many_examples") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
