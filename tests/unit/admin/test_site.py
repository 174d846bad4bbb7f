import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django.contrib.admin
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support.people import ignore, signed_in
from vision_chat.services import relay

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password=PASSWORD, is_staff=True)


@pytest.fixture
def was_rechecked(ann: User, layer: Any) -> Callable[[], bool]:
    """Tell whether a socket of Ann's has been told to ask for its session."""
    async_to_sync(relay.join)(ann.pk, "socket", ignore)

    def asked() -> bool:
        queue = layer.channels.get("socket")
        return queue is not None and queue.qsize() > 0

    return asked


def change(person: User, **changes: Any) -> tuple[str, dict[str, Any]]:
    """The address and the fields of a change to the account."""
    joined = person.date_joined
    fields = {
        "username": person.username,
        "is_active": "on",
        "date_joined_0": f"{joined:%Y-%m-%d}",
        "date_joined_1": f"{joined:%H:%M:%S}",
    }
    kept = {name: value for name, value in (fields | changes).items() if value is not None}
    return reverse("admin:auth_user_change", args=[person.pk]), kept


def test_deactivating_a_person_closes_their_sockets(
    chief_client: Client,
    ann: User,
    was_rechecked: Callable[[], bool],
    django_capture_on_commit_callbacks: Any,
) -> None:
    assert not was_rechecked()
    with django_capture_on_commit_callbacks(execute=True):
        response = chief_client.post(*change(ann, is_active=None))

    assert response.status_code == 302
    ann.refresh_from_db()
    assert not ann.is_active
    assert was_rechecked()


def test_a_password_set_by_the_administrator_closes_the_sockets(
    chief_client: Client,
    ann: User,
    was_rechecked: Callable[[], bool],
    django_capture_on_commit_callbacks: Any,
) -> None:
    address = reverse("admin:auth_user_password_change", args=[ann.pk])
    fields = {"usable_password": "true", "password1": "staple battery", "password2": "staple battery"}
    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(address, fields | {"password2": "another"})
    assert not was_rechecked()

    with django_capture_on_commit_callbacks(execute=True):
        assert chief_client.post(address, fields).status_code == 302

    assert was_rechecked()


def test_changing_ones_own_password_closes_the_sockets_of_other_sessions(
    ann: User, was_rechecked: Callable[[], bool]
) -> None:
    fields = {"old_password": PASSWORD, "new_password1": "staple battery", "new_password2": "staple battery"}

    response = signed_in(ann).post(reverse("admin:password_change"), fields)

    assert response.status_code == 302
    assert was_rechecked()


def test_signing_out_of_the_admin_closes_the_sockets(ann: User, was_rechecked: Callable[[], bool]) -> None:
    assert signed_in(ann).post(reverse("admin:logout")).status_code == 302

    assert was_rechecked()


def test_guessing_passwords_is_as_slow_here_as_in_the_chat(ann: User) -> None:
    client = Client()
    fields = {"username": "ann", "password": "wrong"}
    pages = [client.post(reverse("admin:login"), fields).content.decode() for _ in range(12)]

    assert "Too many wrong passwords" not in pages[0]
    assert "Too many wrong passwords" in pages[-1]


def test_staff_sign_in_and_others_do_not(ann: User) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    client = Client()

    def sign_in(name: str) -> Any:
        fields = {"username": name, "password": PASSWORD, "next": reverse("admin:index")}
        return client.post(reverse("admin:login"), fields)

    refused, accepted = sign_in("bob"), sign_in("ann")

    assert "for a staff account" in refused.content.decode()
    assert accepted.headers["Location"] == reverse("admin:index")


def test_the_admin_bears_the_name_of_the_product(chief_client: Client) -> None:
    page = chief_client.get(reverse("admin:index")).content.decode()

    assert "Vision Chat</a>" in page
    assert "Django" not in page


def test_no_page_of_the_admin_has_inline_scripts_or_styles(chief_client: Client, chief: User) -> None:
    addresses = ("index", "auth_user_changelist", "auth_user_add", "vision_chat_conversation_changelist")
    for address in addresses:
        page = chief_client.get(reverse(f"admin:{address}")).content.decode()

        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", page), address


def test_the_products_colours_shadow_none_of_the_admins_but_one() -> None:
    """The transcript inherits them through the admin's page, where equal names would be the admin's."""
    folder = Path(django.contrib.admin.__file__).parent / "static/admin/css"
    own = Path(settings.BASE_DIR / "static/css/tokens.css").read_text()
    name = re.compile(r"(--[\w-]+):")
    of_the_admin = {found for sheet in folder.rglob("*.css") for found in name.findall(sheet.read_text())}

    assert set(name.findall(own)) & of_the_admin == {"--accent"}
