from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from tests.support import factories
from tests.support.people import signed_in, staff
from tests.support.told import Told
from vision_chat.events import ConversationRemoved
from vision_chat.models import Conversation, UploadedImage
from vision_chat.services.site import relay

pytestmark = pytest.mark.usefixtures("reading_without_reasons")

LIST = reverse("admin:vision_chat_conversation_changelist")


def test_deleting_a_conversation_deletes_the_files_that_only_it_used(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    mine, shared = factories.image(owner), factories.image(owner)
    stairs = factories.conversation(owner)
    factories.attach(factories.turn(stairs), mine, shared)
    factories.attach(factories.turn(factories.conversation(owner)), shared)

    with django_capture_on_commit_callbacks(execute=True):
        address = reverse("admin:vision_chat_conversation_delete", args=[stairs.pk])
        response = chief_client.post(address, {"post": "yes"})

    assert response.headers["Location"] == LIST
    assert not Conversation.objects.filter(pk=stairs.pk).exists()
    assert list(UploadedImage.objects.all()) == [shared]
    assert not any(default_storage.exists(name) for name in factories.file_names(mine))
    assert all(default_storage.exists(name) for name in factories.file_names(shared))


def test_deleting_the_selected_conversations_deletes_their_files(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    images = []
    for _ in range(2):
        images.append(factories.image(owner))
        factories.attach(factories.turn(factories.conversation(owner)), images[-1])
    kept = factories.conversation(owner)
    selected = [conversation.pk for conversation in Conversation.objects.exclude(pk=kept.pk)]

    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(LIST, {"action": "delete_selected", "_selected_action": selected, "post": "yes"})

    assert list(Conversation.objects.all()) == [kept]
    assert not any(default_storage.exists(name) for image in images for name in factories.file_names(image))


def test_the_confirmation_says_what_goes_along_in_numbers(chief_client: Client, owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.attach(factories.turn(stairs), factories.image(owner))

    response = chief_client.get(reverse("admin:vision_chat_conversation_delete", args=[stairs.pk]))

    counts = {str(name): count for name, count in response.context["model_count"]}
    assert counts == {"conversations": 1, "messages": 2, "uploaded pictures": 1}
    assert response.context["deleted_objects"] == ["Stairs"]


@pytest.mark.parametrize(("count", "folded"), [(1, 0), (2, 0), (10, 0), (13, 3)])
def test_the_confirmation_names_what_is_selected(
    chief_client: Client, owner: User, count: int, folded: int
) -> None:
    chosen = [factories.conversation(owner, f"Number {number}.") for number in range(count)]
    sent = {"action": "delete_selected", "_selected_action": [conversation.pk for conversation in chosen]}

    page = chief_client.post(LIST, sent).content.decode()
    content = page.partition('id="content-start"')[2]
    shown, _, behind = content.partition("<details")

    assert [content.count(conversation.title) for conversation in chosen] == [1] * count
    assert sum(conversation.title in behind for conversation in chosen) == folded
    assert (f"{folded} more" in behind) == (folded > 0)
    assert ("Delete “Number 0.”?" in shown) == (count == 1)


def test_the_owners_tabs_hear_of_the_deletion(
    chief_client: Client, owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    stairs = factories.conversation(owner)

    with Told(owner.pk) as tab, django_capture_on_commit_callbacks(execute=True):
        address = reverse("admin:vision_chat_conversation_delete", args=[stairs.pk])
        chief_client.post(address, {"post": "yes"})

    (message,) = tab.messages
    expected = relay.Frame.of(ConversationRemoved(conversation_id=str(stairs.pk)))
    assert list(relay.frames_in(message)) == [expected]


def test_readers_cannot_delete(reader: User, owner: User) -> None:
    stairs = factories.conversation(owner)
    client = Client()
    client.force_login(reader)

    address = reverse("admin:vision_chat_conversation_delete", args=[stairs.pk])

    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Conversation.objects.filter(pk=stairs.pk).exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["list", "delete", "change", "history", "index", "app"])
def test_staff_that_may_delete_but_not_view_is_shown_nothing(owner: User, page: str, method: str) -> None:
    stairs = factories.conversation(owner, "A secret title")
    client = signed_in(staff("cleaner", "delete_conversation"))
    addresses = {
        "list": LIST,
        "index": reverse("admin:index"),
        "app": reverse("admin:app_list", args=["vision_chat"]),
    }
    address = addresses.get(page) or reverse(f"admin:vision_chat_conversation_{page}", args=[stairs.pk])
    sent = {"action": "delete_selected", "_selected_action": [stairs.pk], "post": "yes"}
    response = getattr(client, method)(address, sent if method == "post" else None)

    assert response.status_code in ({200} if page == "index" else {403, 404})
    assert "A secret title" not in response.content.decode()
    assert LIST not in response.content.decode()
    assert Conversation.objects.filter(pk=stairs.pk).exists()
