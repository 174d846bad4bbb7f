"""Changes of what somebody may do, as the audit log has them."""

from collections.abc import Collection
from typing import Final, cast

from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.http import HttpRequest

from vision_chat.models import AuditEntry
from vision_chat.services import audit
from vision_chat.services.accounts import groups

RIGHTS: Final = ("is_staff", "is_superuser", "groups", "user_permissions")
"""Fields of an account that administrators change alone."""


def is_administrator(request: HttpRequest) -> bool:
    """Tell whether somebody may do everything, and so give any right."""
    user = cast(User, request.user)
    return user.is_active and user.is_superuser


def has_any(person: User) -> bool:
    """Tell whether an account has rights beyond those of all; a superuser has them outside the admin too."""
    return person.is_staff or person.is_superuser


def rights_of(person: User | None) -> set[str]:
    """Return what an account may do, in words; nothing where there is none yet."""
    if person is None:
        return set()
    flags = {"active": person.is_active, "staff": person.is_staff, "administrator": person.is_superuser}
    names = {f"group: {name}" for name in person.groups.values_list("name", flat=True)}
    return {name for name, is_set in flags.items() if is_set} | names | _names(person.user_permissions.all())


def idle_groups(person: User) -> list[str]:
    """Return the ready groups of a person who is not of the staff, to whom they give nothing."""
    if has_any(person):
        return []
    return list(person.groups.filter(name__in=groups.READY).order_by("name").values_list("name", flat=True))


def rights_of_group(group: Group | None) -> set[str]:
    """Return the permissions of a group, in words."""
    return set() if group is None else _names(group.permissions.all())


def record_person(
    request: HttpRequest, person: User, before: Collection[str], *, is_renamed: bool = False
) -> None:
    """Write down what an account may do now and might not before, or the other way round.

    Of the staff also another name, by which older entries of theirs go from now on.
    """
    after = rights_of(person)
    changes: dict[str, str | list[str]] = {**_changes(before, after)}
    if is_renamed and {"staff", "administrator"} & {*before, *after}:
        changes["name"] = "changed"
    if changes:
        audit.record(AuditEntry.Action.RIGHTS, request.user, subject=person, details=changes)


def record_password(request: HttpRequest, person: User) -> None:
    """Write down that somebody else set the password of an account, with which it can be used."""
    audit.record(AuditEntry.Action.RIGHTS, request.user, subject=person, details={"password": "set"})


def record_group(request: HttpRequest, group: Group, before: Collection[str]) -> None:
    """Write down what members of a group may do now and might not before, or the other way round."""
    if changes := _changes(before, rights_of_group(group)):
        details = {"group": group.name} | changes
        audit.record(AuditEntry.Action.RIGHTS, request.user, details=details)


def record_deleted_groups(request: HttpRequest, names: list[str]) -> None:
    """Write down that there are groups no more, of which nobody can be a member."""
    for name in names:
        audit.record(AuditEntry.Action.RIGHTS, request.user, details={"group": name, "deleted": True})


def _names(permissions: "QuerySet[Permission]") -> set[str]:
    pairs = permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in pairs}


def _changes(before: Collection[str], after: Collection[str]) -> dict[str, str | list[str]]:
    changes = {"added": sorted({*after} - {*before}), "removed": sorted({*before} - {*after})}
    return {name: words for name, words in changes.items() if words}
