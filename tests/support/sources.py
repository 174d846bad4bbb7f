"""Lets the debug mode of asyncio take source files for unchanged while tests run.

It keeps with each future and callback where it was made, and Python asks the disk about each source file on
the way there, each time. The lines of a traceback are read all the same.
"""

import linecache


def take_for_unchanged() -> None:
    """Ask about no source file any more in this process."""
    linecache.checkcache = _unchanged


def _unchanged(filename: str | None = None) -> None:
    """Take the place of `linecache.checkcache`."""
