from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support import factories
from tests.support.deletions import remove_closed
from tests.support.people import signed_in, staff
from vision_chat.models import AccountDeletion, Conversation, UploadedImage

pytestmark = pytest.mark.each_database


def test_deleting_a_person_deletes_conversations_images_and_files(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent, unsent, hidden = (factories.image(owner) for _ in range(3))
    factories.attach(factories.turn(factories.conversation(owner)), sent)
    factories.attach(factories.turn(factories.conversation(owner, deleted_at=timezone.now())), hidden)

    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})
    remove_closed()

    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Conversation.objects.exists()
    assert not UploadedImage.objects.exists()
    files = [name for image in (sent, unsent, hidden) for name in factories.file_names(image)]
    assert not any(default_storage.exists(name) for name in files)


def test_deleting_several_people_deletes_their_files_too(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    bob = User.objects.create_user("bob")
    images = [factories.image(person) for person in (owner, bob)]
    sent = {"action": "delete_selected", "_selected_action": [owner.pk, bob.pk], "post": "yes"}

    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(reverse("admin:auth_user_changelist"), sent)
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
