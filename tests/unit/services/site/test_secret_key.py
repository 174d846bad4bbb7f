"""Which SECRET_KEY a process of a site may have."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from vision_chat.errors.base import ConfigurationError
from vision_chat.models import Site
from vision_chat.services.site import secret_key
from vision_chat.services.site.identity import site_id

pytestmark = [pytest.mark.each_database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    site_id.cache_clear()
    yield
    site_id.cache_clear()


def start(key: str, *fallbacks: str, others_may_run: bool = True) -> None:
    """Start a process with this key."""
    with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=list(fallbacks)):
        secret_key.confirm(others_may_run=others_may_run)


def refuses(key: str, *fallbacks: str) -> bool:
    try:
        start(key, *fallbacks)
    except ConfigurationError:
        return True
    return False


def test_the_first_process_says_which_key_it_is_and_others_are_refused() -> None:
    start("one")
    start("one")

    assert refuses("two")
    assert not refuses("one")


def test_the_refusal_says_what_to_do() -> None:
    start("one")

    with pytest.raises(ConfigurationError, match=r"SECRET_KEY_FALLBACKS.*adopt_secret_key"):
        start("two")


def test_where_no_other_process_runs_the_key_may_change() -> None:
    start("one", others_may_run=False)
    start("two", others_may_run=False)

    assert refuses("one")


def test_a_key_is_changed_process_by_process() -> None:
    """As docs/deployment.md says it under "Keys"."""
    start("old")
    start("old", "new")
    start("new", "old")
    start("old", "new")  # one that is not changed yet is started again
    start("new", "old")
    start("new")

    assert refuses("old")


def test_a_process_that_was_forgotten_takes_the_change_back_for_nobody() -> None:
    start("old")
    start("new", "old")
    start("new")
    start("old", "new")

    assert not refuses("new")


def test_a_key_is_changed_twice() -> None:
    start("first")
    start("second", "first")
    start("third", "second", "first")
    start("third")

    assert refuses("second")


def test_an_operator_may_adopt_a_key() -> None:
    start("lost")
    with override_settings(SECRET_KEY="found"):
        assert secret_key.adopt()
        assert not secret_key.adopt()
    start("found")

    assert refuses("lost")


def test_the_database_has_no_key() -> None:
    start("one")

    assert "one" not in str(Site.objects.values_list().get())
