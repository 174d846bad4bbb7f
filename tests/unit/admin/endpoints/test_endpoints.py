"""Endpoints in the admin: a key that is written and never read, addresses, the environment's row, imports."""

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.support.endpoint_time import let_pass
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.models_of_sites import ADDRESS, KEY, endpoint, language_model
from tests.support.people import signed_in, staff
from vision_chat.models import Endpoint, LanguageModel
from vision_chat.services.endpoint_states import rows, rules
from vision_chat.services.endpoint_states.rows import Cause
from vision_chat.services.endpoint_states.rules import OPENS_AT
from vision_chat.services.language_models.keys import key_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:vision_chat_endpoint_changelist")
ADD = reverse("admin:vision_chat_endpoint_add")
ELSEWHERE = "https://elsewhere.example.org/v1"


def change_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_change", args=[row.pk])


def import_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_import", args=[row.pk])


def ask_again_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_ask_again", args=[row.pk])


def fields(row: Endpoint | None = None, **values: str) -> dict[str, str]:
    """Return the fields that the form of this row submits; `values` are what was typed."""
    shown = {"name": "Example", "base_url": ADDRESS, "is_enabled": "on", "key_variable": ""}
    if row is not None:
        shown |= {"name": row.name, "base_url": row.base_url, "key_variable": row.key_variable}
    return shown | {"key": ""} | values


def posted(client: Client, row: Endpoint | None = None, **values: str) -> str:
    """Submit the form: "" where it was saved, else the page with what is wrong."""
    response = client.post(change_url(row) if row else ADD, fields(row, **values))
    return "" if response.status_code == 302 else response.content.decode()


def held(settings: Any, **keys: str) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, endpoint_keys=keys)


# the key


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


# the environment


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


# the import

CATALOGUE = (
    {
        "id": "a/vision",
        "type": "openai/chat-completions",
        "info": {"name": "Vision A", "contextLength": 131072, "outputMax": 8192},
        "modalities": {"input": ["text", "image"]},
        "pricing": {"units": [{"name": "input_tokens", "measure": "token", "price": 0.6, "per": 1000000}]},
    },
    {"id": "b/text", "modalities": {"input": ["text"]}, "context_length": 8192},
    {"id": "c/<script>alert(1)</script>"},
    {"id": "d/pictures", "type": "image-generation"},
)


@pytest.fixture
def offering(fake_of_loop: FakeEndpoint) -> Endpoint:
    fake_of_loop.catalogue = CATALOGUE
    return endpoint(base_url=fake_of_loop.base_url, key=KEY)


def test_the_catalogue_says_what_each_model_can_do(chief_client: Client, offering: Endpoint) -> None:
    language_model("b/text", offering)
    page = " ".join(chief_client.get(import_url(offering)).content.decode().split())

    assert "a/vision" in page
    assert "Vision A" in page
    assert "131,072" in page
    assert "$0.6" in page
    assert "b/text <span" in page
    assert "Exists" in page
    assert "<script>alert" not in page
    assert "d/pictures" not in page


@pytest.mark.parametrize(
    ("query", "names"), [("q=VISION", {"a/vision"}), ("pictures=1", {"a/vision"}), ("q=none", set())]
)
def test_the_catalogue_can_be_filtered(
    chief_client: Client, offering: Endpoint, query: str, names: set[str]
) -> None:
    context = chief_client.get(f"{import_url(offering)}?{query}").context

    assert {offer.entry.model_name for offer in context["offers"].shown} == names


def test_chosen_models_are_imported_with_the_figures_of_the_catalogue(
    chief_client: Client, offering: Endpoint
) -> None:
    chosen = {"model": ["a/vision", "b/text", "not/offered"], "context_tokens": "5"}
    response = chief_client.post(import_url(offering), chosen, follow=True)
    a, b = LanguageModel.objects.order_by("model_name")

    assert "2 models were imported" in response.content.decode()
    assert (a.label, a.context_tokens, a.max_output_tokens, a.input_price, a.max_images) == (
        "Vision A",
        131072,
        8192,
        Decimal("0.6"),
        None,
    )
    assert (b.max_images, b.context_tokens, b.input_price) == (0, 8192, None)
    assert LogEntry.objects.count() == 2


def test_what_exists_already_stays_as_it_is(chief_client: Client, offering: Endpoint) -> None:
    language_model("a/vision", offering, context_tokens=7)
    chief_client.post(import_url(offering), {"model": ["a/vision"]})

    assert LanguageModel.objects.get().context_tokens == 7


def test_nothing_chosen_is_said(chief_client: Client, offering: Endpoint) -> None:
    assert "Choose at least one model" in chief_client.post(import_url(offering)).content.decode()


def test_an_endpoint_without_a_list_leads_on(
    chief_client: Client, offering: Endpoint, fake_of_loop: FakeEndpoint
) -> None:
    fake_of_loop.catalogue = None
    page = chief_client.get(import_url(offering)).content.decode()

    assert "gave no list of models" in " ".join(page.split())
    assert reverse("admin:vision_chat_languagemodel_add") in page


def test_an_import_with_a_key_that_cannot_be_read_says_so(chief_client: Client, offering: Endpoint) -> None:
    Endpoint.objects.update(encrypted_key="gone")

    assert "cannot be read" in chief_client.get(import_url(offering)).content.decode()


# who may do what

PERMISSIONS = ("view_endpoint", "add_endpoint", "change_endpoint", "delete_endpoint", "add_languagemodel")


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


# the state


def at_fault(row: Endpoint, times: int = OPENS_AT) -> None:
    for _ in range(times):
        rows.change(
            row.base_url,
            lambda state, now: (rules.failed(state, now), None),
            Cause("endpoint.failed", "HTTP 503: Away"),
        )


def test_the_page_says_that_nothing_is_wrong(chief_client: Client) -> None:
    page = chief_client.get(change_url(endpoint())).content.decode()
    assert "Nothing has gone wrong so far." in page
    assert "Ask it again now" not in page


def test_an_endpoint_that_does_not_answer_can_be_asked_again_by_hand(chief_client: Client) -> None:
    row = endpoint()
    at_fault(row)
    page = chief_client.get(change_url(row)).content.decode()

    assert "It did not answer 5 questions in a row." in page
    assert "Nothing is sent to it until" in page
    assert "HTTP 503: Away" in page
    assert "Does not answer" in chief_client.get(LIST).content.decode()

    assert chief_client.get(ask_again_url(row)).status_code == 405
    assert chief_client.post(ask_again_url(row), follow=True).status_code == 200
    page = chief_client.get(change_url(row)).content.decode()
    assert "It is well again." in page
    assert "HTTP 503: Away" in page
    assert LogEntry.objects.filter(change_message="Asked again.").count() == 1
    chief_client.post(ask_again_url(row))
    assert LogEntry.objects.filter(change_message="Asked again.").count() == 1


def test_the_page_tells_a_pause_a_trial_and_a_slow_start_apart(chief_client: Client) -> None:
    row = endpoint()
    at_fault(row)
    let_pass(11)
    assert "The next question is sent to it as a trial." in chief_client.get(change_url(row)).content.decode()

    rows.change(row.base_url, lambda state, now: (rules.rate_limited(state, now, 60), None))
    assert "It has asked for a pause until" in chief_client.get(change_url(row)).content.decode()
    assert "Paused" in chief_client.get(LIST).content.decode()
    let_pass(61)
    assert "questions are sent one by one" in chief_client.get(change_url(row)).content.decode()


def test_the_state_of_the_environments_endpoint_is_that_of_its_address(
    chief_client: Client, settings: Any
) -> None:
    row = endpoint("env", base_url="", is_from_environment=True)
    address = settings.VISION_CHAT.endpoint_base_url
    rows.change(address, lambda state, now: (rules.failed(state, now), None))
    assert "It did not answer 1 question." in chief_client.get(change_url(row)).content.decode()
    chief_client.post(ask_again_url(row))
    assert "It is well again." in chief_client.get(change_url(row)).content.decode()


def test_who_may_not_change_endpoints_closes_no_breaker() -> None:
    row = endpoint()
    at_fault(row)
    reader = signed_in(staff("zoe", "view_endpoint"))
    assert "Ask it again now" not in reader.get(change_url(row)).content.decode()
    assert reader.post(ask_again_url(row)).status_code == 403


def test_an_endpoint_that_is_gone_is_not_asked_again(chief_client: Client) -> None:
    row = endpoint()
    url = ask_again_url(row)
    row.delete()
    assert chief_client.post(url).status_code == 404
