"""Ways to listen to a completion in a test."""

import asyncio
from typing import Any

import pytest

from tests.fake_endpoint import FakeEndpoint
from vision_chat.errors import CompletionError
from vision_chat.services.chunks import Finish
from vision_chat.services.completions import CompletionClient
from vision_chat.services.endpoints import Endpoint

HELLO = [{"role": "user", "content": "Hello"}]


class Ear:
    """Keeps what was said, also when an error or a cancellation follows."""

    def __init__(self) -> None:
        self.text = ""
        self.has_heard = asyncio.Event()

    def hear(self, text: str) -> None:
        self.text += text
        self.has_heard.set()


def endpoint_of(fake: FakeEndpoint, **changes: Any) -> Endpoint:
    return Endpoint(
        **{"base_url": fake.base_url, "model_name": "fake/vision", "api_key": "sk-secret", **changes}
    )


async def read(completions: CompletionClient, endpoint: Endpoint, **options: Any) -> tuple[str, Finish]:
    """The whole text and how it ended."""
    async with completions.stream(endpoint, HELLO, **options) as completion:
        text = "".join([delta async for delta in completion])
        return text, completion.finish


async def fail(
    completions: CompletionClient, endpoint: Endpoint, **options: Any
) -> tuple[str, CompletionError]:
    """What had been said, and the error which ended it."""
    said = Ear()
    with pytest.raises(CompletionError) as caught:
        await listen(completions, endpoint, said, **options)
    assert "sk-secret" not in caught.value.detail
    return said.text, caught.value


async def listen(completions: CompletionClient, endpoint: Endpoint, said: "Ear", **options: Any) -> None:
    async with completions.stream(endpoint, HELLO, **options) as completion:
        async for text in completion:
            said.hear(text)
