"""Sockets to other hosts are closed in tests: one that calls out is slow here and fails elsewhere.

The methods of Python's own sockets are guarded, also those of threads and of asyncio; not the sockets that C
libraries open by themselves (uvloop, libpq). No audit hook: with one in Python, a thread of Python 3.11 dies
whose tracing by coverage begins while that of another begins.
"""

import os
import socket
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import pytest

SERVICES = ("TEST_POSTGRES_URL", "TEST_REDIS_URL")
ALLOWED = frozenset(
    {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}
    | {urlsplit(os.environ.get(name, "")).hostname or "" for name in SERVICES}
)


def pytest_configure() -> None:
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, guarded_method(getattr(socket.socket, name)))
    socket.getaddrinfo = guarded_lookup(socket.getaddrinfo)


def guarded_method(method: Callable[..., Any]) -> Callable[..., Any]:
    """Guard a method of sockets, which has the address among its arguments."""

    @wraps(method)
    def guarded(self: socket.socket, *args: Any) -> Any:
        for address in args:
            if isinstance(address, tuple):
                refuse_other_hosts(address[0])
        return method(self, *args)

    return guarded


def guarded_lookup(look_up: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(look_up)
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_other_hosts(host)
        return look_up(host, *args, **kwargs)

    return guarded


def refuse_other_hosts(host: bytes | str | None) -> None:
    """Fail the test that connects to another host, or asks for its address."""
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name not in ALLOWED and not name.startswith("127."):
        pytest.fail(f"A test reaches out for {name}.")
