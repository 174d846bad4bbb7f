"""A reply that runs in one process and is watched in another, with a real Redis between the two.

Both are on one event loop. The reply grows, is saved and ends when the test says so.
"""

import asyncio
import json
import random
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tests.support import factories
from tests.support.page_model import PageModel
from tests.support.random_conversation import ENDS, PIECES
from vision_chat.events import ConversationStale, Event, encode
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.mirror import rows
from vision_chat.services.mirror.link import Link
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.mirror.rows import Elsewhere
from vision_chat.services.mirror.times import Times
from vision_chat.services.places.copies import copies_of
from vision_chat.services.places.mapping import Sight
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
SIGHT = Sight(
    copies=copies_of([{"images": [{"image_id": str(uuid.uuid4()), "width": 100, "height": 100}]}]),
    frame="thousandths",
)
BOX = '{"bbox_2d": [100, 200, 300, %d]}'
THOUGHTS = ("Hmm, ", "**so** ", "\n\n", "- a\n", "then.")


class Page:
    """A page of one reply, as it is opened, and what its socket brings."""

    def __init__(self, view: MessageView) -> None:
        self.model = PageModel([str(block) for block in view.blocks])
        self.model.revision = view.revision
        self.model.status = view.status
        if view.thoughts is not None:
            self.model.thoughts = PageModel([str(block) for block in view.thoughts.blocks])
        self.label = view.thoughts.label if view.thoughts is not None and view.thoughts.blocks else ""
        self.footer = view.status if view.footer is None else view.footer.id
        self.places: list[str] = []
        self.is_stale = False
        self.queued: int | None = None
        """How many are ahead, as it was said last."""

    async def receive(self, event: Event) -> None:
        await asyncio.sleep(0)
        frame = json.loads(encode(event))
        if isinstance(event, ConversationStale):
            self.is_stale = True
        elif frame["type"] == "reply.note":
            self.queued = frame["queued"]
        elif frame["type"] == "reply.places":
            self.places[frame["first"] :] = [html for html in frame["html"].split("<li")[1:] if html]
        self.model.apply(frame)
        self.label = frame.get("label", self.label)
        if frame["type"] == "reply.settled":
            self.footer = frame["html"]

    def connect(self) -> Cursor:
        """Open another socket, which knows nothing of what the one before has sent."""
        for model in (self.model, self.model.thoughts):
            if model is not None:
                model.sources = [""] * len(model.blocks)
        self.places = []
        return Cursor.at(self.model.revision)

    def shown(self) -> tuple[object, ...]:
        thoughts = self.model.thoughts
        return self.model.status, self.model.blocks, thoughts.blocks if thoughts else [], self.label


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


class Chance:
    """Does things to a reply, its pages and Redis, by chance."""

    def __init__(self, stage: MirrorStage, seed: int) -> None:
        self._stage = stage
        self._chance = random.Random(seed)
        self._answers = False

    async def happen(self) -> None:
        steps: dict[Callable[[], Coroutine[Any, Any, None]], int] = {
            self.grow: 8,
            self.think: 3,
            self.stage_save: 3,
            self.know: 1,
            self.begin_part: 1,
            self.join_there: 3,
            self.join_here: 1,
            self.leave: 2,
            self.move: 2,
            self.trim: 1,
            self.flush: 1,
            self.cut: 1,
        }
        self._stage.seconds += self._chance.random()
        (step,) = self._chance.choices(list(steps), list(steps.values()))
        await step()
        if self._chance.random() < 0.5:
            await asyncio.sleep(self._chance.random() * 0.03)

    async def grow(self) -> None:
        self._answers = True
        for _ in range(self._chance.randint(1, 6)):
            box = BOX % self._chance.randint(300, 900)
            self._stage.live.append(self._chance.choice([*PIECES, box, "<think>", "</think>", "Straße"]))

    async def think(self) -> None:
        if not self._answers:  # a page opened afresh has thoughts that come later in another order
            for _ in range(self._chance.randint(1, 4)):
                self._stage.live.append("", self._chance.choice(THOUGHTS))

    async def stage_save(self) -> None:
        await self._stage.save()

    async def know(self) -> None:
        assert self._stage.live.places is not None
        self._stage.live.places.know(SIGHT)

    async def begin_part(self) -> None:
        await self._stage.begin_part()
        self._answers = False

    async def join_there(self) -> None:
        page = await self._stage.opened()
        self._stage.watch_there(page, Cursor.at(page.model.revision))

    async def join_here(self) -> None:
        page = await self._stage.opened()
        self._stage.watch_here(page, Cursor.at(page.model.revision))

    async def leave(self) -> None:
        watching = self._chance.choice([self._stage.here, self._stage.there])
        if watching:
            _, task = watching.pop(self._chance.randrange(len(watching)))
            task.cancel()

    async def move(self) -> None:
        """Let a page come back to the other process."""
        there = self._chance.random() < 0.5
        watching = self._stage.here if there else self._stage.there
        if not watching:
            return
        page, task = watching.pop(self._chance.randrange(len(watching)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        cursor = page.connect()
        if there:
            self._stage.watch_there(page, cursor)
        elif page.model.revision <= self._stage.live.length:
            self._stage.watch_here(page, cursor)

    async def trim(self) -> None:
        await self._stage.redis.xtrim(self._stage.links[0].stream(self._stage.where.generation_id), 1)

    async def flush(self) -> None:
        await self._stage.redis.flushdb()

    async def cut(self) -> None:
        """Break the connections of both processes to Redis."""
        own = await self._stage.redis.client_id()
        for client in await self._stage.redis.client_list():
            if client["name"] == self._stage.site and int(client["id"]) != own:
                await self._stage.redis.client_kill_filter(_id=client["id"])

    async def end(self) -> None:
        if self._chance.random() < 0.3:
            await self._stage.die()
        else:
            await self._stage.end(self._chance.choice(ENDS))
