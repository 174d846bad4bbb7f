"""The form of an endpoint: a key that is written and never read, and the addresses that it may have."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.support.endpoint_pages import ELSEWHERE, LIST, change_url, held, posted
from tests.support.models_of_sites import ADDRESS, KEY, endpoint, language_model
from tests.support.people import signed_in, staff
from vision_chat.models import Endpoint
from vision_chat.services.language_models.keys import key_of

pytestmark = pytest.mark.django_db


def test_a_typed_key_is_stored_encrypted_and_shown_nowhere(chief_client: Client) -> None:
    assert posted(chief_client, key=KEY) == ""
    row = Endpoint.objects.get()
    history = reverse("admin:vision_chat_endpoint_history", args=[row.pk])
    pages = [chief_client.get(url).content.decode() for url in (LIST, change_url(row), history)]

    assert key_of(row) == KEY
    assert all(KEY not in page and row.encrypted_key not in page for page in pages)
    assert "A key is stored" in pages[0]
    assert "A key is stored. It is never shown" in pages[1]


def test_a_form_that_was_refused_does_not_repeat_the_key(chief_client: Client) -> None:
    page = posted(chief_client, key=KEY, name="")

    assert "This field is required" in page
    assert KEY not in page


def test_the_history_says_that_the_key_was_changed_and_not_to_what(chief_client: Client) -> None:
    row = endpoint()
    posted(chief_client, row, key=KEY)
    entry = LogEntry.objects.get()

    assert entry.get_change_message() == "Changed Key."
    assert KEY not in entry.change_message + entry.object_repr


def test_an_empty_field_keeps_the_key(chief_client: Client) -> None:
    row = endpoint(key=KEY)

    assert posted(chief_client, row, name="Another name") == ""
    assert key_of(Endpoint.objects.get()) == KEY


def test_a_key_can_be_removed(chief_client: Client) -> None:
    row = endpoint(key=KEY)

    assert posted(chief_client, row, remove_key="on") == ""
    assert Endpoint.objects.get().encrypted_key == ""


def test_a_changed_address_asks_for_the_key_again(chief_client: Client) -> None:
    row = endpoint(key=KEY)

    assert "Enter the key again, or remove it" in posted(chief_client, row, base_url=ELSEWHERE)
    assert Endpoint.objects.get().base_url == ADDRESS
    assert posted(chief_client, row, base_url=ELSEWHERE, key="sk-another") == ""
    assert key_of(Endpoint.objects.get()) == "sk-another"


def test_a_changed_address_may_drop_the_key(chief_client: Client) -> None:
    row = endpoint(key=KEY)

    assert posted(chief_client, row, base_url=ELSEWHERE, remove_key="on") == ""
    assert key_of(Endpoint.objects.get()) == ""


@pytest.mark.parametrize("end", ["/v1/other", ":8443/v1", "/v1?a=b"])
def test_another_path_port_or_query_is_another_address(chief_client: Client, end: str) -> None:
    address = ADDRESS.replace("/v1", end)

    assert "Enter the key again" in posted(chief_client, endpoint(key=KEY), base_url=address)


def test_a_slash_at_the_end_is_no_change(chief_client: Client) -> None:
    assert posted(chief_client, endpoint(key=KEY), base_url=f"{ADDRESS}/") == ""
    assert key_of(Endpoint.objects.get()) == KEY


def test_a_variable_is_used_by_whoever_knows_its_key(chief_client: Client, settings: Any) -> None:
    held(settings, CHAT_KEY_EXAMPLE=KEY)
    refused = [
        posted(chief_client, key_variable="CHAT_KEY_EXAMPLE", base_url=ELSEWHERE, key=key)
        for key in ("", "sk-guessed")
    ]

    assert all("Enter the key that this variable holds" in page for page in refused)
    assert posted(chief_client, key_variable="CHAT_KEY_EXAMPLE", key=KEY) == ""
    row = Endpoint.objects.get()
    assert row.encrypted_key == ""
    assert key_of(row) == KEY


@pytest.mark.parametrize(
    "change", [{"base_url": ELSEWHERE}, {"key_variable": "CHAT_KEY_OTHER"}], ids=["address", "variable"]
)
def test_a_changed_address_or_variable_asks_for_the_key_of_the_variable_again(
    chief_client: Client, settings: Any, change: dict[str, str]
) -> None:
    held(settings, CHAT_KEY_EXAMPLE=KEY, CHAT_KEY_OTHER="sk-other")
    row = endpoint(key_variable="CHAT_KEY_EXAMPLE")

    assert "Enter the key that this variable holds" in posted(chief_client, row, **change)
    assert posted(chief_client, row, name="Another name") == ""


@pytest.mark.parametrize("name", ["SECRET_KEY", "AIMLAPI_KEY", "CHAT_KEY_ABSENT", "PATH"])
def test_no_other_variable_can_be_named(chief_client: Client, settings: Any, name: str) -> None:
    held(settings, CHAT_KEY_EXAMPLE=KEY)

    assert "Select a valid choice" in posted(chief_client, key_variable=name, key=KEY)


def test_a_key_that_cannot_be_read_any_more_is_said_in_list_and_form(
    chief_client: Client, settings: Any
) -> None:
    row = endpoint(key=KEY)
    language_model(at=row)
    settings.SECRET_KEY = "another one"
    client = signed_in(staff("keeper", "view_endpoint", "change_endpoint"))

    assert "because SECRET_KEY was changed" in client.get(LIST).content.decode()
    assert posted(client, row, key=KEY) == ""
    assert key_of(Endpoint.objects.get()) == KEY


def test_rows_cannot_be_found_by_their_encrypted_keys(chief_client: Client) -> None:
    row = endpoint(key=KEY)
    language_model(at=row)
    models = reverse("admin:vision_chat_languagemodel_changelist")
    guesses = [f"{LIST}?encrypted_key__startswith=g", f"{models}?endpoint__encrypted_key__startswith=g"]

    for guess in guesses:
        assert chief_client.get(guess).status_code == 400


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host/v1",
        "api.example.org/v1",
        "https://",
        "https:///v1",
        "javascript:alert(1)",
        "https://host:port/v1",
        "https://host/v1#part",
        "https://host\\@other/v1",
        "https://ho st/v1",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_refused(chief_client: Client, address: str) -> None:
    assert "must begin with https://" in posted(chief_client, base_url=address)


@pytest.mark.parametrize(
    "address", ["https://ann:hush@host.example.org/v1", "https://host.example.org/v1?api_key=hush"]
)
def test_a_secret_in_the_address_is_refused(chief_client: Client, address: str) -> None:
    assert "must not contain a name, a password or a key" in posted(chief_client, base_url=address)
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "address", ["http://api.example.org/v1", "http://93.184.216.34/v1", "http://1572395042/v1"]
)
def test_a_key_is_not_sent_openly_through_the_internet(chief_client: Client, address: str) -> None:
    assert "unencrypted" in posted(chief_client, base_url=address, key=KEY)
    assert posted(chief_client, base_url=address) == ""


@pytest.mark.parametrize(
    "host", ["localhost:11434", "127.0.0.1", "ollama", "192.168.1.5", "gpu.lan", "[::1]"]
)
def test_in_ones_own_network_it_may_be(chief_client: Client, host: str) -> None:
    assert posted(chief_client, base_url=f"http://{host}/v1", key=KEY) == ""


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xA9FEA9FE",
        "169.254.43518",
        "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "metadata.google.internal",
    ],
)
def test_addresses_of_a_clouds_own_secrets_are_refused(chief_client: Client, host: str) -> None:
    assert "belongs to no model server" in posted(chief_client, base_url=f"http://{host}/v1")
