"""An endpoint whose models can be imported."""

import pytest

from tests.support.fake_endpoint import FakeEndpoint
from tests.support.models_of_sites import KEY, endpoint
from vision_chat.models import Endpoint

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
