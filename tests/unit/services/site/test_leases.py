"""Who holds a lease, by the clock of the database."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now

from vision_chat.models import Lease
from vision_chat.services.site import leases

pytestmark = [pytest.mark.each_database, pytest.mark.django_db(transaction=True)]


def expire(name: str) -> None:
    Lease.objects.filter(name=name).update(expires_at=Now() - timedelta(seconds=1))


def test_a_lease_is_of_one_holder_who_may_renew_it() -> None:
    assert leases.hold("cleaning", "a", 60)
    assert leases.hold("cleaning", "a", 60)
    assert not leases.hold("cleaning", "b", 60)
    assert leases.hold("indexing", "b", 60)


def test_a_lease_that_was_not_renewed_is_taken_over() -> None:
    leases.hold("cleaning", "a", 60)
    expire("cleaning")

    assert leases.hold("cleaning", "b", 60)
    assert not leases.hold("cleaning", "a", 60)


def test_a_lease_that_was_given_up_is_free_at_once() -> None:
    for name in ("cleaning", "indexing"):
        leases.hold(name, "a", 60)
    leases.release("cleaning", "b")
    assert not leases.hold("cleaning", "b", 60)
    leases.release("cleaning", "a")
    assert leases.hold("cleaning", "b", 60)
    leases.release_all("a")
    assert list(Lease.objects.values_list("name", "holder")) == [("cleaning", "b")]


@pytest.mark.parametrize("is_there", [False, True])
def test_of_many_who_want_it_at_once_one_has_it(is_there: bool) -> None:
    if is_there:
        leases.hold("cleaning", "dead", 60)
        expire("cleaning")
    together = threading.Barrier(6)
    holders = []

    def want(holder: str) -> None:
        together.wait()
        if leases.hold("cleaning", holder, 60):
            holders.append(holder)
        connections.close_all()

    threads = [threading.Thread(target=want, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(Lease.objects.values_list("holder", flat=True)) == holders
