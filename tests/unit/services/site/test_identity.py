from collections.abc import Iterator

import pytest

from vision_chat.models import Site
from vision_chat.services.site.identity import cache_key, site_id

pytestmark = pytest.mark.each_database


@pytest.fixture(autouse=True)
def _forget(db: None) -> Iterator[None]:
    site_id.cache_clear()
    yield
    site_id.cache_clear()


def test_the_id_is_made_once_and_kept_in_the_database() -> None:
    first = site_id()
    site_id.cache_clear()

    assert site_id() == first
    assert Site.objects.get().site_id == first


def test_another_database_has_another_id() -> None:
    first = site_id()
    Site.objects.all().delete()
    site_id.cache_clear()

    assert site_id() != first


def test_a_key_of_the_cache_carries_the_id() -> None:
    Site.objects.create(pk=1, site_id="abc")

    assert cache_key("sign-in", "", 1) == "abc::1:sign-in"
