"""Ways to listen to a completion in a test."""

import asyncio
from typing import Any

import pytest

from tests.support.fake_endpoint import PATIENCE, FakeEndpoint
from vision_chat.errors.completions import CompletionError
from vision_chat.services.completions.chunks import Finish
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint

HELLO = [{"role": "user", "content": "Hello"}]


class Pauses:
    """A fake asyncio.sleep that notes the pauses and takes none."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Ear:
    """Keeps what was said, also when an error or a cancellation follows."""

    def __init__(self) -> None:
        self.text = ""
        self._new: asyncio.Queue[str] = asyncio.Queue()

    def hear(self, text: str) -> None:
        self.text += text
        self._new.put_nowait(text)

    async def next_text(self) -> str:
        """The next piece that nobody has been given yet."""
        async with asyncio.timeout(PATIENCE):
            return await self._new.get()


def endpoint_of(fake: FakeEndpoint, **changes: Any) -> Endpoint:
    return Endpoint(
        **{"base_url": fake.base_url, "model_name": "fake/vision", "api_key": "sk-secret", **changes}
    )


async def read(completions: CompletionClient, endpoint: Endpoint, **options: Any) -> tuple[str, Finish]:
    """The whole text and how it ended."""
    said = Ear()
    finish = await listen(completions, endpoint, said, **options)
    return said.text, finish


async def fail(
    completions: CompletionClient, endpoint: Endpoint, **options: Any
) -> tuple[str, CompletionError]:
    """What had been said, and the error which ended it."""
    said = Ear()
    with pytest.raises(CompletionError) as caught:
        await listen(completions, endpoint, said, **options)
    assert "sk-secret" not in caught.value.detail
    return said.text, caught.value


async def listen(completions: CompletionClient, endpoint: Endpoint, said: Ear, **options: Any) -> Finish:
    async with completions.stream(endpoint, HELLO, **options) as completion:
        await completion.read(said.hear)
        return completion.finish
