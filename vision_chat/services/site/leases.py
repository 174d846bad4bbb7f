"""Leases on work that one process of a site is to do at a time, by the database's clock.

A lease is no lock: a holder that was silent for too long may still be at work when another one begins. What
is done under one can be done twice without harm.
"""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from vision_chat.models import Lease


def hold(name: str, holder: str, seconds: float) -> bool:
    """Take or renew a lease for so long. Returns False where another process holds it."""
    until = Now() + timedelta(seconds=seconds)
    free = Lease.objects.filter(Q(holder=holder) | Q(expires_at__lt=Now()), name=name)
    if free.update(holder=holder, expires_at=until):
        return True
    _, is_new = Lease.objects.get_or_create(name=name, defaults={"holder": holder, "expires_at": until})
    return is_new


def release(name: str, holder: str) -> None:
    """Give a lease up, so that another process need not wait for its end."""
    Lease.objects.filter(name=name, holder=holder).delete()


def release_all(holder: str) -> None:
    """Give up all leases of a process that ends."""
    Lease.objects.filter(holder=holder).delete()
