from collections.abc import AsyncIterator

import pytest

from tests.fake_endpoint import FakeEndpoint
from vision_chat.services.completions import CompletionClient


class Pauses:
    """Stands in for asyncio.sleep: writes the pauses down and takes none."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def completions(pauses: Pauses) -> AsyncIterator[CompletionClient]:
    async with CompletionClient(sleep=pauses, jitter=lambda: 1.0) as completions:
        yield completions


@pytest.fixture
async def fake() -> AsyncIterator[FakeEndpoint]:
    async with FakeEndpoint() as fake:
        yield fake
