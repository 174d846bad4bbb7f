"""What an endpoint offers, and the import of it."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.support.endpoint_pages import import_url
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.models_of_sites import language_model
from vision_chat.models import Endpoint, LanguageModel

pytestmark = pytest.mark.django_db


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
