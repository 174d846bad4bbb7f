"""The ready groups: made once, with permissions that there are, and left to the administrators then."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from vision_chat.services.accounts.groups import READY, make_groups

pytestmark = pytest.mark.django_db


def permissions_of(name: str) -> set[str]:
    found = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{one.content_type.app_label}.{one.codename}" for one in found}


def test_migrations_end_with_the_ready_groups_and_all_their_permissions() -> None:
    Group.objects.all().delete()

    call_command("migrate", verbosity=0)

    assert {group.name for group in Group.objects.all()} == READY.keys()
    assert {name: permissions_of(name) for name in READY} == {name: set(READY[name]) for name in READY}


def test_what_an_administrator_has_made_of_a_group_stays() -> None:
    make_groups()
    leads = Group.objects.get(name="Leads")
    leads.permissions.set(Permission.objects.filter(codename="add_review"))
    Group.objects.get(name="Auditors").delete()

    make_groups()

    assert permissions_of("Leads") == {"vision_chat.add_review"}
    assert permissions_of("Auditors") == {"vision_chat.view_auditentry"}


def test_nobody_but_leads_may_read_and_nobody_but_operators_changes_accounts() -> None:
    for permission, name in (("vision_chat.view_conversation", "Leads"), ("auth.change_user", "Operators")):
        assert [group for group in READY if permission in READY[group]] == [name]
