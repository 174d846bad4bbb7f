"""Names of people in the log. Entries refer to them, so a name can go while the chain stays whole."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vision_chat.models import AuditName


def known(person_ids: Iterable[int | None]) -> set[int]:
    """Return the numbers of people that have a name. Makes those that are missing, renews changed ones.

    Called while the end of the log is locked, so that nobody else makes the same name.
    """
    wanted = {number for number in person_ids if number is not None}
    found = set()
    names = AuditName.objects.filter(pk__in=wanted)
    for number, name, username in names.values_list("pk", "name", f"person__{_column()}"):
        found.add(number)
        if name and username and name != username:
            AuditName.objects.filter(pk=number).update(name=username)
    if missing := wanted - found:
        people = get_user_model()._base_manager.filter(pk__in=missing).order_by("pk")
        for number, username in people.values_list("pk", _column()):
            AuditName.objects.create(number=number, person_id=number, name=username)
            found.add(number)
    return found


def forget(person: AbstractBaseUser) -> None:
    """Blank the name of an account that is being deleted, where the log has it."""
    AuditName.objects.filter(pk=person.pk).update(name="")


def exchanged() -> list[int]:
    """Return the numbers of names that were given to another account, or taken from one that is there."""
    same = Q(person=F("pk")) | (Q(person=None) & ~Exists(_accounts().filter(pk=OuterRef("pk"))))
    return list(AuditName.objects.exclude(same).order_by("pk").values_list("pk", flat=True))


def others() -> list[int]:
    """Return the numbers of people who have another name now than the log has."""
    differing = AuditName.objects.exclude(person=None).exclude(name=F(f"person__{_column()}"))
    return list(differing.order_by("pk").values_list("pk", flat=True))


def _accounts() -> "QuerySet[AbstractBaseUser]":
    return get_user_model()._base_manager.all()


def _column() -> str:
    return get_user_model().USERNAME_FIELD
