import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from tests.support.reading import Pauses
from vision_chat.services.completions.client import CompletionClient


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests marked with `each_loop` run on the loop of the server too."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    return loops | {"uvloop": uvloop.new_event_loop} if item.get_closest_marker("each_loop") else loops


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def completions(pauses: Pauses) -> AsyncIterator[CompletionClient]:
    async with CompletionClient(sleep=pauses, jitter=lambda: 1.0) as completions:
        yield completions
