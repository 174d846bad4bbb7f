"""The dependencies of a runner whose endpoint is the scripted one."""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from tests.support.fake_endpoint import FakeEndpoint
from tests.support.reading import Pauses, endpoint_of
from tests.support.use_cases import SETTINGS
from vision_chat.services.completions.catalogue import UNKNOWN, Catalogue, ModelStatus
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.conversations.dispatch import Dispatcher
from vision_chat.services.conversations.queued import Rebuilder
from vision_chat.services.endpoint_states.states import EndpointStates
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.writer import Writer

LookUp = Callable[[Endpoint], Coroutine[Any, Any, ModelStatus]]


async def nothing_known(endpoint: Endpoint) -> ModelStatus:
    return UNKNOWN


async def made_dependencies(
    stack: AsyncExitStack, fake: FakeEndpoint, look_up: LookUp = nothing_known
) -> Dependencies:
    """Those of one process, with a writer of its own; `stack` closes what is to be closed."""
    client = await stack.enter_async_context(CompletionClient(sleep=Pauses(), jitter=lambda: 1.0))
    writer, images = Writer(), ImageWorker()
    stack.push_async_callback(writer.close)
    stack.callback(images.close)
    settings = replace(SETTINGS, endpoint=endpoint_of(fake))
    return Dependencies(
        writer=writer,
        client=client,
        catalogue=Catalogue(look_up),
        images=images,
        timeouts=Timeouts(),
        dispatch=Dispatcher(settings, max_images=3).dispatch,
        rebuild=Rebuilder(settings).rebuild,
        states=EndpointStates(writer, writer, is_shared=True),
        environment=settings.endpoint,
    )
