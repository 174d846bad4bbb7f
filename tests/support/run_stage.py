"""A runner on a loop of its own, whose time can be skipped, with the scripted endpoint beside it.

Tests stay synchronous and may use the ORM: replies are written only while the stage runs something.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from tests.support.dependencies import LookUp, made_dependencies, nothing_known
from tests.support.fake_endpoint import PATIENCE, Call, FakeEndpoint
from tests.support.fake_scenarios import Scenario
from tests.support.reading import endpoint_of
from tests.support.use_cases import RecordingRunner
from vision_chat.events import Event, ReplySettled
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import Turn

Result = TypeVar("Result")


class SkippingLoop(asyncio.SelectorEventLoop):
    """Its clock can be put forward, which makes timers due."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped


class RunStage:
    """`runner` runs replies while `run` or a method that waits is called, and not between."""

    def __init__(
        self,
        asyncio_runner: asyncio.Runner,
        fake: FakeEndpoint,
        dependencies: Dependencies,
        limits: ReplyLimits | None,
    ) -> None:
        self.fake = fake
        self.runner = Runner(dependencies, limits)
        self.runner.boot_id = RecordingRunner.boot_id  # under which tests write the rows of turns
        self._asyncio = asyncio_runner

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self._asyncio.run(coroutine)

    def now(self, function: Callable[..., Result], *args: Any) -> Result:
        """Call a function on the loop, and let the tasks that it wakes take a few steps."""

        async def called() -> Result:
            result = function(*args)
            for _ in range(5):
                await asyncio.sleep(0)
            return result

        return self.run(called())

    def start(self, turn: Turn, *planned: Scenario) -> LiveReply:
        """Let the runner write the turn's reply; the endpoint answers by these scenarios."""
        self.fake.script(*planned)
        endpoint = endpoint_of(self.fake)
        started = replace(turn, settings=replace(turn.settings, endpoint=endpoint))
        live = self.now(self.runner.start, started)
        assert live is not None, "it waits for a place"
        return live

    def next_call(self) -> Call:
        """The next request that reaches the endpoint."""
        return self.run(self.fake.next_call())

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the replies go on until this holds, which may ask the ORM."""
        for _ in range(PATIENCE * 200):
            if holds():
                return
            self.run(asyncio.sleep(0.005))
        raise AssertionError("what the test waits for did not happen")

    def say(self, live: LiveReply, call: Call, tokens: int) -> None:
        """Let this many tokens of the scenario `step` go, and wait until all of them have come."""
        for _ in range(tokens):
            before = live.length
            call.release()
            self.until(partial(_is_longer, live, before))

    def watch(self, live: LiveReply) -> ReplySettled:
        """Follow the reply to its end; the event that tells it."""
        events: list[Event] = []

        async def send(event: Event) -> None:
            events.append(event)

        async def watched() -> None:
            async with asyncio.timeout(PATIENCE):
                await live.follow(Cursor(), send)

        self.run(watched())
        end = events[-1]
        assert isinstance(end, ReplySettled)
        return end

    def skip(self, seconds: float) -> None:
        """Let so much time have passed."""
        loop = self._asyncio.get_loop()
        assert isinstance(loop, SkippingLoop)
        loop.skipped += seconds
        self.now(lambda: None)


def _is_longer(live: LiveReply, length: int) -> bool:
    return live.length > length


@contextmanager
def run_stage(
    look_up: LookUp = nothing_known,
    limits: ReplyLimits | None = None,
) -> Iterator[RunStage]:
    """`look_up` is asked for models that the endpoint does not find."""
    with asyncio.Runner(loop_factory=SkippingLoop) as asyncio_runner:
        stack = AsyncExitStack()
        stage = asyncio_runner.run(_enter(stack, asyncio_runner, look_up, limits))
        try:
            yield stage
        finally:
            asyncio_runner.run(stack.aclose())


async def _enter(
    stack: AsyncExitStack, asyncio_runner: asyncio.Runner, look_up: LookUp, limits: ReplyLimits | None
) -> RunStage:
    fake = await stack.enter_async_context(FakeEndpoint())
    dependencies = await made_dependencies(stack, fake, look_up)
    stage = RunStage(asyncio_runner, fake, dependencies, limits)
    stack.push_async_callback(stage.runner.drain, 0)
    return stage
