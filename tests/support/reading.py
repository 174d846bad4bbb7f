"""Ways to read a completion in a test."""

import asyncio
from typing import Any

import pytest

from tests.support.fake_endpoint import PATIENCE, FakeEndpoint
from vision_chat.errors.completions import CompletionError
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.pieces import Piece

HELLO = [{"role": "user", "content": "Hello"}]


class Pauses:
    """A fake asyncio.sleep that notes the pauses and takes none."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Received:
    """Keeps what came, also when an error or a cancellation follows."""

    def __init__(self) -> None:
        self.text = ""
        self.thoughts = ""
        self._new: asyncio.Queue[str] = asyncio.Queue()

    def add(self, piece: Piece) -> None:
        self.text += piece.text
        self.thoughts += piece.thoughts
        self._new.put_nowait(piece.text)

    async def next_text(self) -> str:
        """Return the next piece that was not returned yet."""
        async with asyncio.timeout(PATIENCE):
            return await self._new.get()


def endpoint_of(fake: FakeEndpoint, **changes: Any) -> Endpoint:
    return Endpoint(
        **{"base_url": fake.base_url, "model_name": "fake/vision", "api_key": "sk-secret", **changes}
    )


def endpoint_at(base_url: str, model_name: str = "m", api_key: str = "") -> Endpoint:
    return Endpoint(base_url=base_url, model_name=model_name, api_key=api_key)


async def read(completions: CompletionClient, endpoint: Endpoint, **options: Any) -> tuple[str, Finish]:
    """Return the whole text and how it ended."""
    received = Received()
    finish = await receive(completions, endpoint, received, **options)
    return received.text, finish


async def fail(
    completions: CompletionClient, endpoint: Endpoint, **options: Any
) -> tuple[str, CompletionError]:
    """Return the text that came, and the error which ended it."""
    received = Received()
    with pytest.raises(CompletionError) as caught:
        await receive(completions, endpoint, received, **options)
    assert "sk-secret" not in caught.value.detail
    return received.text, caught.value


async def receive(
    completions: CompletionClient, endpoint: Endpoint, received: Received, **options: Any
) -> Finish:
    async with completions.stream(endpoint, HELLO, **options) as completion:
        async for piece in completion:
            received.add(piece)
        return completion.finish
