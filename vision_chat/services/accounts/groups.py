"""The ready groups: reviewers, leads, operators and auditors, with what each may do."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import transaction

READY: Final[Mapping[str, tuple[str, ...]]] = {
    "Reviewers": ("vision_chat.work_reviewitem",),
    "Leads": (
        "vision_chat.view_conversation",
        "vision_chat.add_review",
        "vision_chat.view_reviewitem",
        "vision_chat.resolve_reviewitem",
        "vision_chat.assign_reviewitem",
        "vision_chat.view_queue",
        "vision_chat.add_queue",
        "vision_chat.change_queue",
        "vision_chat.view_rubric",
        "vision_chat.add_rubric",
        "vision_chat.change_rubric",
    ),
    "Operators": (
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.delete_user",
        "auth.view_group",
        # the conversations of an account go with it; alone it opens and deletes none
        "vision_chat.delete_conversation",
        *(
            f"vision_chat.{verb}_{name}"
            for name in ("endpoint", "languagemodel", "habit", "preset")
            for verb in ("view", "add", "change", "delete")
        ),
    ),
    "Auditors": ("vision_chat.view_auditentry",),
}
"""Permissions by the name of the group. Members need `is_staff` beside them."""


def make_groups(apps: Any = installed, using: str = "default") -> None:
    """Make the ready groups that are missing. One that is there is left as its administrators have it."""
    try:
        group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # Django's own tables are not there yet
        return
    present = set(group.objects.using(using).filter(name__in=READY).values_list("name", flat=True))
    missing = [name for name in READY if name not in present]
    if not missing:
        return
    for label in ("auth", "vision_chat"):
        create_permissions(installed.get_app_config(label), verbosity=0, using=using, apps=apps)
    with transaction.atomic(using=using):
        _make(missing, group.objects.using(using), permission.objects.using(using))


def _make(names: Iterable[str], groups: Any, permissions: Any) -> None:
    for name in names:
        made, _ = groups.get_or_create(name=name)
        made.permissions.set(
            found
            for each in READY[name]
            for label, codename in [each.split(".")]
            for found in permissions.filter(content_type__app_label=label, codename=codename)
        )
