"""The rows of the environment: there at the start, following it, and without its key."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.forms import model_to_dict

from tests.support import factories
from tests.support.models_of_sites import endpoint, language_model
from vision_chat.models import Endpoint, LanguageModel
from vision_chat.server.defaults import DEMO_NAME, endpoint_of
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.language_models.environment import sync_environment

pytestmark = pytest.mark.django_db

PLAIN = "https://api.aimlapi.com/v1"


def start(model_name: str = "some/model", base_url: str = PLAIN, **values: Any) -> LanguageModel:
    """Start a server with this environment; its model."""
    given: dict[str, Any] = {
        "model_name": model_name,
        "demo": False,
        "api_key": "sk-env",
        "endpoint_base_url": base_url,
    }
    config = replace(settings.VISION_CHAT, **(given | values))
    sync_environment(config, endpoint_of(config, base_url))
    return LanguageModel.objects.get(is_from_environment=True)


def rows() -> list[dict[str, Any]]:
    return [model_to_dict(row) for model in (Endpoint, LanguageModel) for row in model.objects.order_by("pk")]


def test_the_endpoint_and_the_model_are_there_without_the_key() -> None:
    row = start(context_tokens=9000)

    assert (row.model_name, row.context_tokens, row.is_enabled) == ("some/model", 9000, True)
    assert (row.endpoint.base_url, row.endpoint.name) == (PLAIN, "api.aimlapi.com")
    assert row.endpoint.is_from_environment
    assert (row.endpoint.encrypted_key, row.endpoint.key_variable) == ("", "")


def test_a_password_and_a_key_in_the_address_are_in_no_row() -> None:
    row = start(base_url="https://ann:hush@host.example.org/v1?api-key=hush&api-version=2")

    assert row.endpoint.base_url == "https://host.example.org/v1?api-key=…&api-version=2"


def test_a_second_start_changes_nothing(django_assert_max_num_queries: Any) -> None:
    start()
    before = rows()
    with django_assert_max_num_queries(8):
        start()

    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_several_processes_that_start_at_once_make_one_row_of_each() -> None:
    def process() -> None:
        start()
        connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        for started in [threads.submit(process) for _ in range(4)]:
            started.result()

    assert Endpoint.objects.count() == LanguageModel.objects.count() == 1


def test_the_demo_has_rows_too_and_its_address_of_the_day_is_not_kept() -> None:
    config = replace(settings.VISION_CHAT, demo=True)
    for port in (5001, 5002):
        sync_environment(config, endpoint_of(config, f"http://127.0.0.1:{port}/v1"))

    assert [row.model_name for row in LanguageModel.objects.all()] == [DEMO_NAME]
    assert [row.base_url for row in Endpoint.objects.all()] == [""]


def test_a_model_that_nobody_chose_goes_when_the_environment_names_another() -> None:
    start("older/model")
    start("newer/model")

    assert [row.model_name for row in LanguageModel.objects.all()] == ["newer/model"]


def test_a_model_that_somebody_chose_is_replaced_by_the_new_one(django_user_model: type[User]) -> None:
    ann = django_user_model.objects.create_user("ann")
    older = start("older/model")
    factories.conversation(ann, language_model=older)
    newer = start("newer/model")
    older.refresh_from_db()

    assert not older.is_from_environment
    assert chosen_model(ann, older.pk) == newer
    back = start("older/model")
    assert back == older
    assert chosen_model(ann, older.pk) == older


def test_a_model_that_was_added_there_becomes_that_of_the_environment() -> None:
    row = start()
    added = language_model("added/model", row.endpoint, is_default=True, is_enabled=False, replaced_by=row)
    assert start("added/model") == added
    added.refresh_from_db()

    assert added.is_from_environment
    assert added.is_enabled
    assert added.replaced_by is None


def test_another_address_is_another_endpoint_and_models_that_were_added_wait_for_the_first_one() -> None:
    first = start().endpoint
    added = language_model("added/model", first)
    second = start(base_url="https://other.example.org/v1").endpoint
    first.refresh_from_db()
    added = LanguageModel.objects.select_related("endpoint").get(pk=added.pk)

    assert second != first
    assert not first.is_from_environment
    assert added.is_retired
    assert start().endpoint == first
    assert not LanguageModel.objects.select_related("endpoint").get(pk=added.pk).is_retired


def test_an_endpoint_of_the_same_address_with_a_key_stays_an_administrators() -> None:
    own = endpoint("own", PLAIN, key="sk-own", is_enabled=False)
    assert start().endpoint != own
    own.refresh_from_db()

    assert own.encrypted_key
    assert not own.is_from_environment


def test_a_default_of_an_administrator_stays_the_default(django_user_model: type[User]) -> None:
    ann = django_user_model.objects.create_user("ann")
    row = language_model(is_default=True)
    start()
    start("newer/model")

    assert chosen_model(ann, None) == row


def test_the_fallback_of_the_environments_model_is_kept_with_another_model_and_across_starts() -> None:
    near = language_model("near/vision", at=endpoint("Near"))
    first = start("first/model")
    LanguageModel.objects.filter(pk=first.pk).update(fallback=near)

    assert start("first/model").fallback == near
    assert start("second/model").fallback == near


def test_a_model_that_is_a_fallback_is_retired_and_not_deleted() -> None:
    first = start("first/model")
    language_model("asked/vision", at=endpoint("Far"), fallback=first)
    second = start("second/model")
    first.refresh_from_db()

    assert (first.is_enabled, first.replaced_by) == (False, second)
