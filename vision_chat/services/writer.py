"""The thread of every change to the database by turns, and the threads that read and show beside it.

SQLite has one writer at a time anyway: a queue costs less than waiting for its lock, for which readers do not
wait. See docs/decisions/0003-one-writer.md and docs/decisions/0019-people-take-turns.md.
"""

from vision_chat.services.database_threads import PATIENCE_SECONDS, DatabaseThreads

WRITERS = 1
READERS = 2
PAGES = 2
EXPORTS = 2
CHECKERS = 1
THREADS = WRITERS + READERS + PAGES + EXPORTS + CHECKERS
"""Threads of a process that keep a connection each."""


class Writer(DatabaseThreads):
    """One thread: its functions run one after the other."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__("writer", WRITERS, patience)


class Readers(DatabaseThreads):
    """A few threads for functions that change nothing."""

    def __init__(self) -> None:
        super().__init__("reader", READERS)


class Pages(DatabaseThreads):
    """A few threads for pages of conversations: a long one takes a second or two, mostly of Python's lock."""

    def __init__(self) -> None:
        super().__init__("page", PAGES)


class Checker(DatabaseThreads):
    """One thread for checks of sockets, which would wait for a turn among people who read, and are short."""

    def __init__(self) -> None:
        super().__init__("checker", CHECKERS)


class Exports(DatabaseThreads):
    """A few threads for downloads of many pictures, which wait for the storage of these."""

    def __init__(self) -> None:
        super().__init__("export", EXPORTS)
