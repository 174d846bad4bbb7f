"""Where a request goes and how it shows its key, for addresses of every form."""

import pytest

from tests.support.fake_endpoint import FakeEndpoint
from tests.support.reading import endpoint_of, read
from vision_chat.services.completions.catalogue import Offer
from vision_chat.services.completions.client import CompletionClient

pytestmark = pytest.mark.each_loop


async def test_azure_is_sent_its_version_at_the_end_and_the_key_in_a_header_of_its_own(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    await read(completions, endpoint_of(fake, base_url=f"{fake.base_url}?api-version=2024-10-21"))
    (call,) = fake.calls

    assert call.path == "/v1/chat/completions?api-version=2024-10-21"
    assert call.headers["api-key"] == "sk-secret"
    assert "Authorization" not in call.headers


async def test_a_whole_address_is_taken_as_it_is(completions: CompletionClient, fake: FakeEndpoint) -> None:
    await read(completions, endpoint_of(fake, base_url=f"{fake.base_url}/chat/completions"))
    (call,) = fake.calls

    assert call.path == "/v1/chat/completions"
    assert call.headers["Authorization"] == "Bearer sk-secret"


async def test_the_catalogue_is_asked_with_the_query_of_the_address(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    endpoint = endpoint_of(fake, base_url=f"{fake.base_url}/chat/completions?api-version=1")
    status = await completions.look_up(endpoint)

    assert status.offer is Offer.OFFERED
    assert fake.listed == ["/v1/models?api-version=1&include=modalities,capabilities"]
