"""A second server of the site in a process of its own, beside the one that runs in the test's.

In one process the two would share what a module keeps: the sockets and sessions that it knows, the places of
requests. It starts once for each process of the tests, as Django takes a second to, and serves when they do.
"""

import atexit
import multiprocessing
import os
import traceback
from contextlib import ExitStack, suppress
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

import django.test.signals  # whose receivers forget what was made of a setting
import pytest
from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection

from tests.support.environment import IS_NEIGHBOUR
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.sources import take_for_unchanged

PATIENCE = 60
"""Seconds for Django on a busy machine."""
_overridden: dict[str, Any] = {}
"""The settings that tests have changed so far, as they are now."""


def follow_settings() -> None:
    """Change each setting there too that a test changes. Raises UsageError where there cannot be two."""
    setting_changed.connect(_remember)
    if count() > 1 and not os.environ.get("TEST_ON_SERVICES"):
        raise pytest.UsageError("TEST_SERVERS takes TEST_ON_SERVICES: servers share a PostgreSQL and a Redis")


def count() -> int:
    """Return how many servers a test gets, unless it is marked `one_server`."""
    return int(os.environ.get("TEST_SERVERS") or 1)


class Neighbour:
    """Its process, from the tests' side. Settings that a test changes are changed there too."""

    def __init__(self) -> None:
        self._end, its_end = multiprocessing.Pipe()
        # not forked: threads of this process may hold locks
        context = multiprocessing.get_context("spawn")
        os.environ[IS_NEIGHBOUR] = "1"
        self._process = context.Process(
            target=_run, args=(its_end, str(connection.settings_dict["NAME"])), daemon=True
        )
        self._process.start()
        del os.environ[IS_NEIGHBOUR]
        its_end.close()
        for name, value in _overridden.items():
            self.set(name, value)

    def set(self, name: str, value: Any) -> None:
        """Change a setting."""
        self._ask("set", name, value)

    def begin_to_start(self) -> None:
        self._end.send(("start",))

    def started(self) -> int:
        """Wait until it serves; its port."""
        port: int = self._answer()
        return port

    def begin_to_stop(self) -> None:
        self._end.send(("stop",))

    def stopped(self) -> None:
        self._answer()

    def open_connections(self) -> int:
        """Count the connections of browsers that have not been lost yet."""
        connections: int = self._ask("open_connections")
        return connections

    def close(self) -> None:
        with suppress(OSError):
            self._end.close()
        self._process.join(PATIENCE)

    def _ask(self, *request: Any) -> Any:
        self._end.send(request)
        return self._answer()

    def _answer(self) -> Any:
        assert self._end.poll(PATIENCE), "the second server does not answer"
        has_failed, answer = self._end.recv()
        assert not has_failed, f"the second server failed: {answer}"
        return answer


@cache
def neighbour() -> Neighbour:
    """Return the one of this process, which starts with the first call."""
    found = Neighbour()
    atexit.register(found.close)
    return found


def end() -> None:
    """End it, if it was needed, and with it its connections to the database."""
    if neighbour.cache_info().currsize:
        neighbour().close()
        neighbour.cache_clear()


def _remember(*, setting: str, value: Any, **_: Any) -> None:
    _overridden[setting] = value
    if neighbour.cache_info().currsize:
        neighbour().set(setting, value)


def _run(end: Connection, database: str) -> None:
    """Do what is asked until nobody asks any more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    take_for_unchanged()
    django.setup()
    connection.settings_dict["NAME"] = database
    serving = _Serving()
    with suppress(EOFError):
        while True:
            name, *args = end.recv()
            try:
                answer = False, getattr(serving, name)(*args)
            except Exception:  # noqa: BLE001 - the tests raise it
                answer = True, traceback.format_exc()
            end.send(answer)


class _Serving:
    """The server in its own process."""

    def __init__(self) -> None:
        from tests.support import server  # noqa: PLC0415 - it imports models, which need Django's set-up

        self._support = server
        self._open = ExitStack()

    def set(self, name: str, value: Any) -> None:
        setattr(settings, name, value)
        setting_changed.send(type(settings), setting=name, value=value, enter=True)

    def start(self) -> int:
        self._open.close()  # it was never stopped where that of the tests did not start
        loop = self._open.enter_context(self._support.running_loop())
        self._server = self._support.Server(loop, FakeEndpoint())
        self._server.start()
        self._open.callback(self._server.stop)
        return self._server.port

    def stop(self) -> None:
        self._open.close()

    def open_connections(self) -> int:
        return self._server.open_connections()
