"""Names of people in the log. Entries refer to them, so a name can go while the chain stays whole."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import AuditName


def ids_of(person_ids: Iterable[int | None]) -> dict[int | None, int]:
    """Return the keys of people's names, by the people's. Makes those that are missing, renews changed ones.

    Called while the end of the log is locked, so that nobody else makes the same name.
    """
    wanted = set(person_ids) - {None}
    column = get_user_model().USERNAME_FIELD
    found: dict[int | None, int] = {}
    known = AuditName.objects.filter(person__in=wanted)
    for key, person_id, name, username in known.values_list("pk", "person_id", "name", f"person__{column}"):
        found[person_id] = key
        if name and name != username:
            AuditName.objects.filter(pk=key).update(name=username)
    if missing := [key for key in wanted - found.keys() if key is not None]:
        people = get_user_model()._base_manager.filter(pk__in=missing).order_by("pk")
        for person_id, username in people.values_list("pk", column):
            found[person_id] = AuditName.objects.create(person_id=person_id, name=username).pk
    return found


def forget(person: AbstractBaseUser) -> None:
    """Blank the name of an account that is being deleted, where the log has it."""
    AuditName.objects.filter(person=person.pk).update(name="")
