import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import uvloop
from django.contrib.auth.models import User

from tests.support.queued_replies import NARROW
from tests.support.reading import Pauses
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.replies.turn import Turn


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


@pytest.fixture
def narrow_stage(transactional_db: None) -> Iterator[RunStage]:
    """A site that writes one reply at a time."""
    with run_stage(limits=NARROW) as stage:
        yield stage


@pytest.fixture
def running(ann: User) -> Turn:
    """A reply that has the only slot."""
    return ask(ann)
