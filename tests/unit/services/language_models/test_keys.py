"""Keys at rest: unreadable without SECRET_KEY, and at another address."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.models_of_sites import ADDRESS, KEY, endpoint
from vision_chat.errors.turns import ModelKeyError
from vision_chat.models import Endpoint
from vision_chat.services.language_models.keys import encrypted, is_key_in, key_of, renew_keys

pytestmark = pytest.mark.django_db


def with_variables(settings: Any, **keys: str) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, endpoint_keys=keys)


def test_a_stored_key_is_read_again_and_cannot_be_found_in_its_row() -> None:
    row = endpoint(key=KEY)

    assert key_of(row) == KEY
    assert KEY not in row.encrypted_key
    assert encrypted(KEY, ADDRESS) != row.encrypted_key  # the same key twice does not look the same


def test_an_endpoint_without_a_key_has_none() -> None:
    assert key_of(endpoint()) == ""


def test_a_stored_key_opens_at_no_other_address() -> None:
    row = endpoint(key=KEY)
    Endpoint.objects.update(base_url="https://elsewhere.example.org/v1")
    row.refresh_from_db()

    with pytest.raises(ModelKeyError):
        key_of(row)


def test_a_rotated_secret_key_with_a_fallback_still_reads_the_key(settings: Any) -> None:
    row = endpoint(key=KEY)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a newer one", [settings.SECRET_KEY]

    assert key_of(row) == KEY


def test_once_renewed_a_key_needs_no_fallback(settings: Any) -> None:
    row = endpoint(key=KEY)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a newer one", [settings.SECRET_KEY]
    assert renew_keys() == 0
    settings.SECRET_KEY_FALLBACKS = []
    row.refresh_from_db()

    assert key_of(row) == KEY


def test_renewing_leaves_a_key_of_the_newest_secret_as_it_is() -> None:
    row = endpoint(key=KEY)
    before = row.encrypted_key

    assert renew_keys() == 0
    row.refresh_from_db()
    assert row.encrypted_key == before


@pytest.mark.parametrize("stored", [None, "not a token at all", "Ünlesbar"])
def test_a_key_that_cannot_be_read_refuses_the_turn_and_tells_the_administrator_why(
    settings: Any, stored: str | None
) -> None:
    row = endpoint(key=KEY)
    settings.SECRET_KEY = "another one"
    if stored is not None:
        row.encrypted_key = stored
        row.save()

    with pytest.raises(ModelKeyError, match="administrator") as caught:
        key_of(row)
    assert "SECRET_KEY" in caught.value.detail
    assert renew_keys() == 1


def test_a_key_may_be_held_by_a_variable(settings: Any) -> None:
    with_variables(settings, CHAT_KEY_EXAMPLE=KEY)

    assert key_of(endpoint(key_variable="CHAT_KEY_EXAMPLE")) == KEY
    assert is_key_in("CHAT_KEY_EXAMPLE", KEY)
    assert not is_key_in("CHAT_KEY_EXAMPLE", KEY[:-1])
    assert not is_key_in("CHAT_KEY_OTHER", "")


@pytest.mark.parametrize("name", ["CHAT_KEY_ABSENT", "SECRET_KEY", "PATH", "AIMLAPI_KEY"])
def test_no_other_variable_is_ever_read(settings: Any, name: str) -> None:
    with_variables(settings, CHAT_KEY_EXAMPLE=KEY)

    with pytest.raises(ModelKeyError) as caught:
        key_of(endpoint(key_variable=name))
    assert name in caught.value.detail
