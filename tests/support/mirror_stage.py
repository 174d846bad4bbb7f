"""A reply that runs in one process and is watched in another, with a real Redis between the two.

Both are on one event loop. The reply grows, is saved and ends when the test says so.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tests.support import factories
from tests.support.watching_page import Page
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.mirror import rows
from vision_chat.services.mirror.link import Link
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.mirror.rows import Elsewhere
from vision_chat.services.mirror.times import Times
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.presentation.places import items_html
from vision_chat.services.presentation.thoughts import thoughts_label
from vision_chat.services.replies._live_places import LivePlaces
from vision_chat.services.replies._pacing import RenderPace, Ticker
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.site.redis import connect
from vision_chat.services.vision.family import family_of
from vision_chat.services.writer import Readers, Writer

PATIENCE = 20
FAST = Times(
    tick=0.005,
    idle_tick=0.005,
    retry=0.02,
    read=0.005,
    ask=0.1,
    ask_again=0.02,
    interest=0.3,
    look=0.03,
    linger=0.1,
    kept=0.3,
)
FAMILY = family_of("qwen3-vl")


class Source:
    """The process in which the reply runs."""

    def __init__(self) -> None:
        self.boot_id = uuid.uuid4().hex
        self.lives: dict[int, LiveReply] = {}
        self.stopped: list[int] = []

    def live(self, message_id: int) -> LiveReply | None:
        return self.lives.get(message_id)

    def stop(self, message_id: int) -> None:
        self.stopped.append(message_id)

    @property
    def has_live(self) -> bool:
        return bool(self.lives)


def new_live(message_id: int, parts: Any, *, divider: Any, thinking: Thinking, places: Any) -> LiveReply:
    return LiveReply(
        str(message_id),
        StreamingDocument,
        Ticker(),
        parts,
        divider=divider,
        pace=RenderPace(),
        thinking=thinking,
        places=None if places is None else LivePlaces(places, items_html),
    )


class Watcher:
    """The process that watches."""

    def __init__(self, boot_id: str) -> None:
        self.boot_id = boot_id
        self.new_live = new_live

    def live(self, message_id: int) -> None:
        """Nothing runs here."""


class MirrorStage:
    """One reply, its process, and another process with pages."""

    def __init__(self, person: User, url: str) -> None:
        self.site = uuid.uuid4().hex
        self.source = Source()
        self.writer, self.readers = Writer(), Readers()
        url = f"{url}?client_name={self.site}"
        self.redis = connect(url)
        self.links = [Link(connect(url), self.site, each) for each in (self.source.boot_id, uuid.uuid4().hex)]
        self.publisher = Publisher(self.links[0], self.source, FAST)
        self.mirrors = Mirrors(self.links[1], self.readers, Watcher(self.links[1].boot_id), FAST)
        self.here: list[tuple[Page, asyncio.Task[None]]] = []
        """Pages of the reply's process."""
        self.there: list[tuple[Page, asyncio.Task[None]]] = []
        """Pages of the other."""
        self.seconds = 0.0
        """The clock by which thinking is measured."""
        self._person = person
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Start both processes, and the reply."""
        self.where = await self.writer.run(self._begin_rows)
        thinking = Thinking(thoughts_label, clock=lambda: self.seconds)
        self.live = new_live(self.where.message_id, (), divider=None, thinking=thinking, places=FAMILY.places)
        self.source.lives[self.where.message_id] = self.live
        self._tasks = [asyncio.create_task(self.publisher.run()), asyncio.create_task(self.mirrors.run())]

    def _begin_rows(self) -> Elsewhere:
        message = factories.turn(
            factories.conversation(self._person),
            answer="",
            status=Status.RUNNING,
            boot_id=self.source.boot_id,
            family=FAMILY.id,
        )
        assert message.generation is not None
        return Elsewhere(message.pk, message.generation.pk, self.source.boot_id, message.conversation_id)

    async def save(self) -> None:
        """Write a checkpoint."""
        await self.writer.run(self._save)

    def _save(self) -> None:
        written = self.live.written
        Message.objects.filter(pk=self.where.message_id).update(text=written.text)
        generation = Generation.objects.filter(message=self.where.message_id).latest("pk")
        values = {"thoughts": written.thoughts, "thinking_ms": written.thinking_ms}
        Generation.objects.filter(pk=generation.pk).update(**values)

    async def begin_part(self) -> None:
        """Let another generation go on with the reply, below a heading."""
        self.live.end_part()
        await self.save()
        heading = "\n\n### Another part\n\n"
        await self.writer.run(self._begin_part_rows, heading)
        self.live.begin_part(heading)

    @transaction.atomic
    def _begin_part_rows(self, heading: str) -> None:
        message = Message.objects.get(pk=self.where.message_id)
        message.generations.update(status=Status.COMPLETED)
        message.text += heading
        message.save(update_fields=["text"])
        factories.add_generation(
            message,
            status=Status.RUNNING,
            boot_id=self.source.boot_id,
            family=FAMILY.id,
            part=message.generations.count(),
            starts_at=len(message.text),
        )

    async def end(self, status: Status) -> None:
        """Let the reply end: in its rows, then in memory."""
        self.live.close()
        await self.save()
        footer = await self.writer.run(self._end_rows, status)
        self.live.settle(End(status, footer))

    def _end_rows(self, status: Status) -> str:
        generation = Generation.objects.for_pages().filter(message=self.where.message_id).latest("pk")
        generation.status = status
        generation.save(update_fields=["status"])
        return footer_html(generation, self.live.answer)

    async def die(self) -> None:
        """Kill the process of the reply, and let its row be claimed."""
        self._tasks.pop(0).cancel()
        self.source.lives.clear()
        for _, task in self.here:
            task.cancel()
        await self.writer.run(self._end_rows, Status.INTERRUPTED)

    # pages

    async def opened(self) -> Page:
        """A page that is opened now, in the process that does not run the reply."""
        return Page(await self.readers.run(self._view))

    def _view(self) -> MessageView:
        message = Message.objects.with_details().get(pk=self.where.message_id)
        return MessageView.of_row(message, rows.written([message.pk]).get(message.pk))

    def watch_there(self, page: Page, cursor: Cursor) -> None:
        """Let a page follow the reply in the other process."""
        following = self.mirrors.get(self.where).follow(cursor, page.receive)
        self.there.append((page, asyncio.create_task(following)))

    def watch_here(self, page: Page, cursor: Cursor) -> None:
        """Let a page follow the reply in its own process."""
        following = self.live.follow(cursor, page.receive)
        self.here.append((page, asyncio.create_task(following)))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - several processes take part
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        for task in [*self._tasks, *(task for _, task in self.here + self.there)]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in (self.redis, *(link.redis for link in self.links)):
            await client.aclose()
        await self.writer.close()
        await self.readers.close()


@asynccontextmanager
async def mirror_stage(person: User, url: str) -> AsyncIterator[MirrorStage]:
    stage = MirrorStage(person, url)
    try:
        await stage.begin()
        yield stage
    finally:
        await stage.close()
