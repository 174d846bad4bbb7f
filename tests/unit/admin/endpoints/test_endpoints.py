"""Endpoints in the admin: the environment's row, and who may do what."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.endpoint_pages import ADD, ELSEWHERE, LIST, change_url, fields, import_url
from tests.support.models_of_sites import ADDRESS, endpoint
from tests.support.people import signed_in, staff
from vision_chat.models import Endpoint

pytestmark = pytest.mark.django_db

PERMISSIONS = ("view_endpoint", "add_endpoint", "change_endpoint", "delete_endpoint", "add_languagemodel")


def test_the_endpoint_of_the_environment_can_be_seen_and_not_changed(chief_client: Client) -> None:
    row = endpoint("env", is_from_environment=True)
    page = chief_client.get(change_url(row)).content.decode()

    assert "From the environment" in page
    assert 'name="base_url"' not in page
    assert 'name="_save"' not in page
    assert chief_client.post(change_url(row), fields(row, base_url=ELSEWHERE)).status_code == 403
    delete = reverse("admin:vision_chat_endpoint_delete", args=[row.pk])
    assert chief_client.post(delete, {"post": "yes"}).status_code == 403
    chief_client.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert Endpoint.objects.get().base_url == ADDRESS


@pytest.mark.parametrize("permission", ["", "change_habit", *PERMISSIONS])
def test_each_page_needs_its_permission(permission: str, offering: Endpoint) -> None:
    client = signed_in(staff("somebody", *filter(None, [permission])))
    delete = reverse("admin:vision_chat_endpoint_delete", args=[offering.pk])
    may = {
        (LIST, "get"): {"view_endpoint", "change_endpoint"},
        (ADD, "get"): {"add_endpoint"},
        (change_url(offering), "get"): {"view_endpoint", "change_endpoint"},
        (change_url(offering), "post"): {"change_endpoint"},
        (delete, "get"): {"delete_endpoint"},
        (import_url(offering), "get"): set(),
        (import_url(offering), "post"): set(),
    }
    for (url, method), permissions in may.items():
        status = getattr(client, method)(url).status_code
        assert (status != 403) == (permission in permissions), (url, method)


@pytest.mark.parametrize("pair", list(itertools.combinations(PERMISSIONS, 2)), ids=" and ".join)
def test_an_import_needs_to_see_the_endpoint_and_to_add_models(
    pair: tuple[str, str], offering: Endpoint
) -> None:
    may = "add_languagemodel" in pair and not {"view_endpoint", "change_endpoint"}.isdisjoint(pair)
    client = signed_in(staff("somebody", *pair))

    assert client.get(import_url(offering)).status_code == (200 if may else 403)


def test_nobody_else_gets_anywhere(offering: Endpoint) -> None:
    for url in (LIST, ADD, change_url(offering), import_url(offering)):
        assert Client().get(url).status_code == 302
