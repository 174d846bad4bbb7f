"""Sockets to other hosts are closed in tests: one that calls out is slow here and fails elsewhere.

An audit hook sees the sockets of Python itself, also those of threads and of asyncio, and patches nothing. It
does not see those that C libraries open by themselves (uvloop, libpq).
"""

import os
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest

SERVICES = ("TEST_POSTGRES_URL", "TEST_REDIS_URL")
ALLOWED = frozenset(
    {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}
    | {urlsplit(os.environ.get(name, "")).hostname or "" for name in SERVICES}
)


def pytest_configure() -> None:
    sys.addaudithook(refuse_other_hosts)


def refuse_other_hosts(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail the test that connects to another host, or asks for its address."""
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name not in ALLOWED and not name.startswith("127."):
        pytest.fail(f"A test reaches out for {name}.")
