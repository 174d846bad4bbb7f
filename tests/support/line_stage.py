"""Two processes of a site that write replies, on one event loop, with a real Redis between the two."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from django.contrib.auth.models import User

from tests.support.dependencies import made_dependencies
from tests.support.fake_endpoint import Call, FakeEndpoint, last_user_text
from tests.support.fake_scenarios import step
from tests.support.mirror_stage import FAST
from tests.support.watching_page import Page
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.context import Context, RequestCaller
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.submit import submit
from vision_chat.services.mirror.link import Link
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.orphans import Sweep
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.site.redis import connect
from vision_chat.services.writer import Readers

Result = TypeVar("Result")
PATIENCE = 20


class Process:
    """One of the processes, with all that takes part in the line."""

    def __init__(self, dependencies: Dependencies, limits: ReplyLimits, link: Link | None) -> None:
        self.runner = Runner(dependencies, limits)
        self.link = None if link is None else replace(link, boot_id=self.runner.boot_id)
        self.readers = Readers()
        self.mirrors = Mirrors(self.link, self.readers, self.runner, FAST)
        self.runner.line.on_change(self.mirrors.look_soon)
        self.pages: list[tuple[Page, asyncio.Task[None]]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def run(self) -> None:
        work = [self.runner.line.run(), self.mirrors.run(), self.runner.run_checkpoints()]
        if self.link is not None:
            publisher = Publisher(self.link, self.runner, FAST)
            self.runner.line.on_taken(publisher.offer)
            work.append(publisher.run())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def submit(self, person: User, text: str) -> int:
        """Submit a question in a new conversation; the id of its reply."""
        context = self.context(person)
        conversation = await submit(context, uuid.uuid4(), Question(text=text, client_id=uuid.uuid4()))
        return await self.readers.run(_reply_in, conversation)

    def context(self, person: User) -> Context:
        return Context(
            caller=RequestCaller(person),
            writer=self.runner.dependencies.writer,
            readers=self.readers,
            runner=self.runner,
            settings=self.settings,
            max_images=3,
            mirrors=self.mirrors,
        )

    @property
    def settings(self) -> Any:
        dispatch: Any = self.runner.dependencies.dispatch
        return dispatch.__self__.settings

    async def sweep(self) -> None:
        """Look for what processes have left that died."""
        await Sweep(self.runner, self.readers).sweep()

    async def watch(self, message_id: int) -> Page:
        """Open a page of a reply that does not run here, and let it follow."""
        page = Page(await self.readers.run(_view, message_id))
        reply = await self.mirrors.running(message_id)
        assert reply is not None
        self.pages.append(
            (page, asyncio.create_task(reply.follow(Cursor.at(page.model.revision), page.receive)))
        )
        return page

    async def die(self) -> None:
        """End as a killed process does: without a word."""
        for task in [*self._tasks, *(task for _, task in self.pages)]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def close(self) -> None:
        await self.die()
        await self.runner.drain(0)
        await self.readers.close()
        if self.link is not None:
            await self.link.redis.aclose()


def _reply_in(conversation_id: uuid.UUID) -> int:
    return Message.objects.get(conversation=conversation_id, role=Message.Role.ASSISTANT).pk


def _view(message_id: int) -> MessageView:
    return MessageView.of_row(Message.objects.with_details().get(pk=message_id))


class LineStage:
    """The processes and their endpoint, which answers each question when the test says so."""

    def __init__(self, fake: FakeEndpoint, processes: list[Process]) -> None:
        self.fake, self.processes = fake, processes

    @property
    def open_calls(self) -> list[Call]:
        return [call for call in self.fake.calls if not (call.ended.is_set() or call.closed.is_set())]

    @property
    def asked(self) -> list[str]:
        """The questions that have reached the endpoint, in their order."""
        return [last_user_text(call.body) for call in self.fake.calls]

    def release(self, call: Call) -> None:
        call.release(1000)

    async def read(self, function: Callable[[], Result]) -> Result:
        """Ask the database."""
        return await self.processes[-1].readers.run(function)

    async def statuses(self) -> dict[int, str]:
        """Return how replies ended, by their ids."""
        return await self.read(lambda: dict(Generation.objects.values_list("message_id", "status")))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - several processes take part
                await asyncio.sleep(0.01)

    async def until_ended(self, *message_ids: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self._have_ended(message_ids):  # noqa: ASYNC110 - rows have no event
                await asyncio.sleep(0.02)

    async def _have_ended(self, message_ids: Sequence[int]) -> bool:
        statuses = await self.statuses()
        return all(statuses[message_id] != Status.RUNNING for message_id in message_ids)


@asynccontextmanager
async def line_stage(url: str, count: int = 2, **limits: int) -> AsyncIterator[LineStage]:
    """So many processes of one site."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeEndpoint())
        fake.default = step("One two.")
        site, processes = uuid.uuid4().hex, []
        for _ in range(count):
            dependencies = await made_dependencies(stack, fake)
            process = Process(dependencies, ReplyLimits(**limits), Link(connect(url), site, ""))
            stack.push_async_callback(process.close)
            process.run()
            processes.append(process)
        yield LineStage(fake, processes)
