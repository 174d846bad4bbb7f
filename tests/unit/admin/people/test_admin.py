from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support import factories
from tests.support.deletions import remove_closed
from tests.support.people import in_group, signed_in, staff
from vision_chat.models import AccountDeletion, AuditEntry, Conversation, UploadedImage
from vision_chat.services.accounts.groups import make_groups

pytestmark = pytest.mark.each_database


def test_deleting_a_person_deletes_conversations_images_and_files(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent, unsent, hidden = (factories.image(owner) for _ in range(3))
    factories.attach(factories.turn(factories.conversation(owner)), sent)
    factories.attach(factories.turn(factories.conversation(owner, deleted_at=timezone.now())), hidden)

    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})
    with django_capture_on_commit_callbacks(execute=True):
        remove_closed()

    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Conversation.objects.exists()
    assert not UploadedImage.objects.exists()
    files = [name for image in (sent, unsent, hidden) for name in factories.file_names(image)]
    assert not any(default_storage.exists(name) for name in files)


def test_the_list_says_in_a_word_who_may_do_more_and_marks_nobody_else(chief_client: Client) -> None:
    User.objects.create_user("ann", first_name="Ann", last_name="Lee")
    User.objects.create_user("ben", is_staff=True)
    make_groups()
    User.objects.create_user("rex", is_staff=True).groups.set(
        Group.objects.filter(name__in=["Leads", "Reviewers"])
    )
    User.objects.create_user("eve", is_active=False)

    page = chief_client.get(reverse("admin:auth_user_changelist"))
    model_admin = page.context["cl"].model_admin
    roles = {person.username: model_admin.role(person) for person in page.context["cl"].result_list}

    expected = {"ann": "", "ben": "Staff", "chief": "Administrator", "eve": "Not active"}
    assert roles == {**expected, "rex": "Leads, Reviewers"}
    assert "Ann Lee" in page.content.decode()
    assert '<td class="field-role"></td>' in page.content.decode()
    assert "icon-no" not in page.content.decode()


def test_deleting_several_people_deletes_their_files_too(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    bob = User.objects.create_user("bob")
    images = [factories.image(person) for person in (owner, bob)]
    sent = {"action": "delete_selected", "_selected_action": [owner.pk, bob.pk], "post": "yes"}

    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(reverse("admin:auth_user_changelist"), sent)
    with django_capture_on_commit_callbacks(execute=True):
        remove_closed()

    assert [user.username for user in User.objects.all()] == ["chief"]
    assert not any(default_storage.exists(name) for image in images for name in factories.file_names(image))


def test_a_person_who_is_being_deleted_is_shown_no_more_and_cannot_sign_in(
    chief_client: Client, owner: User
) -> None:
    chief_client.post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})

    assert not User.objects.get(pk=owner.pk).is_active
    people = chief_client.get(reverse("admin:auth_user_changelist")).context["cl"].result_list
    assert [person.username for person in people] == ["chief"]
    assert chief_client.get(reverse("admin:auth_user_change", args=[owner.pk])).status_code == 302


@pytest.mark.parametrize("how", ["alone", "among others"])
def test_the_last_administrator_cannot_be_deleted(
    chief: User, chief_client: Client, owner: User, how: str
) -> None:
    if how == "alone":
        address, sent = reverse("admin:auth_user_delete", args=[chief.pk]), {"post": "yes"}
        page = chief_client.post(address, sent)
    else:
        several = {"action": "delete_selected", "_selected_action": [owner.pk, chief.pk], "post": "yes"}
        page = chief_client.post(reverse("admin:auth_user_changelist"), several)

    assert "Make someone else an administrator first" in page.content.decode()
    assert not AccountDeletion.objects.exists()
    assert User.objects.get(pk=chief.pk).is_active


def test_the_confirmation_counts_what_goes_along(chief_client: Client, owner: User) -> None:
    factories.attach(factories.turn(factories.conversation(owner)), factories.image(owner))

    response = chief_client.get(reverse("admin:auth_user_delete", args=[owner.pk]))

    counts = {str(name): count for name, count in response.context["model_count"]}
    assert counts == {"users": 1, "conversations": 1, "messages": 2, "uploaded pictures": 1}


def test_staff_that_may_not_delete_conversations_cannot_delete_their_owner(owner: User) -> None:
    factories.conversation(owner)
    client = signed_in(staff("clerk", "view_user", "delete_user"))

    response = client.post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert User.objects.filter(pk=owner.pk).exists()


def test_staff_that_may_delete_people_but_not_view_them_is_shown_nobody(owner: User) -> None:
    client = signed_in(staff("cleaner", "delete_user", "delete_conversation"))
    for address in (
        reverse("admin:auth_user_delete", args=[owner.pk]),
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_change", args=[owner.pk]),
    ):
        response = client.get(address)
        assert response.status_code == 403
        assert owner.username not in response.content.decode().replace("cleaner", "")


def test_a_person_without_a_password_can_be_given_one(chief_client: Client, owner: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert chief_client.get(address).status_code == 200
    words = "correct horse battery staple"
    chief_client.post(address, {"password1": words, "password2": words})
    owner.refresh_from_db()

    assert owner.check_password(words)


def rights_written() -> list[tuple[str | None, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(action="rights").select_related("subject").order_by("sequence")
    return [(entry.subject.name if entry.subject else None, entry.details) for entry in entries]


def test_a_ready_group_without_staff_status_is_said_to_give_nothing_yet(
    chief_client: Client, owner: User
) -> None:
    make_groups()
    reviewers = Group.objects.get(name="Reviewers")
    fields = {"username": "ann", "is_active": "on", "groups": [reviewers.pk]}
    address = reverse("admin:auth_user_change", args=[owner.pk])

    page = chief_client.post(address, fields, follow=True).content.decode()
    assert "As a member of Reviewers, ann can do nothing yet: tick “Staff status” as well" in page
    page = chief_client.post(address, {**fields, "is_staff": "on"}, follow=True).content.decode()
    assert "can do nothing yet" not in page


def test_who_gets_which_right_is_written_down(chief_client: Client, owner: User) -> None:
    leads = Group.objects.create(name="Chosen")
    fields = {"username": "ann", "is_active": "on", "groups": [leads.pk], "is_staff": "on"}
    address = reverse("admin:auth_user_change", args=[owner.pk])
    assert chief_client.post(address, fields).status_code == 302
    chief_client.post(address, fields)
    chief_client.post(address, {"username": "ann", "is_active": "on", "first_name": "Ann"})
    permission = Permission.objects.get(codename="view_conversation")
    group = reverse("admin:auth_group_change", args=[leads.pk])
    chief_client.post(group, {"name": "Chosen", "permissions": [permission.pk]})
    chief_client.post(reverse("admin:auth_group_delete", args=[leads.pk]), {"post": "yes"})

    assert rights_written() == [
        ("ann", {"added": ["group: Chosen", "staff"]}),
        ("ann", {"removed": ["group: Chosen", "staff"]}),
        (None, {"group": "Chosen", "added": ["vision_chat.view_conversation"]}),
        (None, {"group": "Chosen", "deleted": True}),
    ]


def test_a_new_name_of_the_staff_is_written_down_whoever_gives_it(chief_client: Client, owner: User) -> None:
    lead = staff("rita")
    for person in (owner, lead):
        fields = {"username": f"{person.username}2", "is_active": "on", "is_staff": "on" * person.is_staff}
        address = reverse("admin:auth_user_change", args=[person.pk])
        assert chief_client.post(address, fields).status_code == 302
        profile = {"section": "profile", "username": f"{person.username}3", "email": ""}
        assert [signed_in(person).post("/account/", profile).status_code for _ in range(2)] == [302, 302]

    assert rights_written() == [("rita3", {"name": "changed"})] * 2


def test_a_name_of_the_staff_that_cannot_be_written_down_stays(owner: User) -> None:
    lead = staff("rita")
    profile = {"section": "profile", "username": "other", "email": ""}
    with factories.without_table("vision_chat_auditentry"):
        assert signed_in(lead).post("/account/", profile).status_code == 503
    lead.refresh_from_db()

    assert lead.username == "rita"


def test_a_password_that_somebody_else_sets_and_a_deleted_account_are_written_down(
    chief_client: Client, owner: User
) -> None:
    password = {"usable_password": "true", "password1": "correct horse!", "password2": "correct horse!"}
    address = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert chief_client.post(address, password).status_code == 302
    chief_client.post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})

    assert rights_written() == [("ann", {"password": "set"})]
    deleted = AuditEntry.objects.select_related("subject").get(action="deleted")
    assert deleted.subject
    assert deleted.subject.name == "ann"


def test_rights_that_cannot_be_written_down_are_not_given(chief_client: Client, owner: User) -> None:
    fields = {"username": "ann", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    with factories.without_table("vision_chat_auditentry"):
        address = reverse("admin:auth_user_change", args=[owner.pk])
        assert chief_client.post(address, fields).status_code == 503

    owner.refresh_from_db()
    assert not owner.is_staff


def test_an_operator_looks_after_accounts_and_gives_no_right(owner: User, chief: User) -> None:
    operator = in_group("zoe", "Operators")
    client = signed_in(operator)
    fields = {
        "username": "ann",
        "is_active": "on",
        "first_name": "Ann",
        "is_superuser": "on",
        "is_staff": "on",
    }
    assert client.post(reverse("admin:auth_user_change", args=[owner.pk]), fields).status_code == 302
    owner.refresh_from_db()
    assert (owner.first_name, owner.is_staff, owner.is_superuser) == ("Ann", False, False)

    for person in (chief, operator):
        page = reverse("admin:auth_user_change", args=[person.pk])
        assert client.post(page, fields | {"username": person.username}).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[person.pk])
        assert client.get(password).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [chief.pk], "post": "yes"}
    page = client.post(reverse("admin:auth_user_changelist"), sent).content.decode()
    assert "Accounts of the staff are deleted by administrators alone." in page
    assert User.objects.filter(pk=chief.pk, is_active=True).exists()


@pytest.mark.parametrize("written", ["+{}", "%20{}", "_0A{}", "0{}"])
def test_a_password_is_written_down_however_its_address_spells_the_number(
    chief_client: Client, owner: User, written: str
) -> None:
    password = {"usable_password": "true", "password1": "correct horse!", "password2": "correct horse!"}
    address = f"{reverse('admin:auth_user_changelist')}{written.format(owner.pk)}/password/"
    assert chief_client.post(address, password).status_code == 302

    owner.refresh_from_db()
    assert owner.check_password("correct horse!")
    assert rights_written() == [("ann", {"password": "set"})]


def test_an_operator_cannot_get_at_an_administrator_who_is_not_of_the_staff(db: None) -> None:
    root = User.objects.create_user("root", is_superuser=True)
    client = signed_in(in_group("zoe", "Operators"))

    for page in ("change", "delete"):
        assert client.post(reverse(f"admin:auth_user_{page}", args=[root.pk])).status_code == 403
    password = {"usable_password": "true", "password1": "correct horse!", "password2": "correct horse!"}
    address = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(address, password).status_code == 403
    root.refresh_from_db()
    assert not root.check_password("correct horse!")
