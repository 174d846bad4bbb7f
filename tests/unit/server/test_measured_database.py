"""Failures of statements, and the pool."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.backends.signals import connection_created

from tests.support.metrics import noted
from vision_chat.server import measured_database
from vision_chat.server.measured_database import Pool, count_errors
from vision_chat.services.metrics import measured


@pytest.fixture
def counting() -> Iterator[None]:
    """Count on connections that open, and on the one that is open."""
    count_errors()
    for _ in range(2):
        connection_created.send(type(connection), connection=connection)
    yield
    connection_created.disconnect(dispatch_uid="metrics")
    connection.execute_wrappers.remove(measured_database._counting)


@pytest.mark.each_database
@pytest.mark.django_db
def test_a_statement_that_fails_is_counted_once_by_its_kind(counting: None) -> None:
    with noted(measured.DATABASE_ERRORS) as seen:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        with pytest.raises((OperationalError, ProgrammingError)), transaction.atomic():
            connection.cursor().execute("SELECT * FROM nowhere")
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute("INSERT INTO vision_chat_site (id) VALUES (NULL)")

    kinds = seen.of(measured.DATABASE_ERRORS)
    assert sum(kinds.values()) == 2
    assert kinds[("IntegrityError",)] == 1


class FakePool:
    def __init__(self, **stats: int) -> None:
        self.stats = stats

    def get_stats(self) -> dict[str, int]:
        return self.stats


def test_a_pool_is_sampled_and_its_failures_counted_as_they_grow() -> None:
    fake = FakePool(pool_size=5, pool_available=2, requests_waiting=1, connections_errors=3)
    with noted(measured.CONNECTIONS, measured.CONNECTIONS_AWAITED, measured.DATABASE_ERRORS) as seen:
        pool = Pool(lambda: fake)
        pool.sample()
        fake.stats |= {"connections_errors": 4, "requests_errors": 2}
        pool.sample()

    assert seen.of(measured.CONNECTIONS) == {("in_use",): 3, ("idle",): 2}
    assert seen.of(measured.CONNECTIONS_AWAITED) == {(): 1}
    assert seen.of(measured.DATABASE_ERRORS) == {("connect",): 4, ("no_connection",): 2}


@pytest.mark.each_database
@pytest.mark.django_db
def test_the_pool_is_that_of_postgresql_and_sqlite_has_none() -> None:
    with noted(measured.CONNECTIONS, measured.CONNECTIONS_AWAITED, measured.DATABASE_ERRORS) as seen:
        Pool().sample()
    states: dict[Any, float] = seen.of(measured.CONNECTIONS)

    if connection.vendor == "sqlite":
        assert states == {}
    else:
        assert states[("in_use",)] >= 1
