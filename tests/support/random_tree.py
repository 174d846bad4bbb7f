"""A conversation that branches at random, and two tabs of its person that follow it."""

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Max
from django.utils import timezone

from tests.support import factories
from tests.support.live_stage import Time
from tests.support.random_conversation import ENDS, PIECES, Process
from tests.support.thread_model import ThreadModel
from tests.support.use_cases import SETTINGS, call, question
from tests.support.waiting import end
from vision_chat.commands import ConversationWatch
from vision_chat.consumers import ChatConsumer
from vision_chat.errors.turns import MessageWaitsError, TooManyRepliesError
from vision_chat.events import Event
from vision_chat.models import Conversation, Generation, Message, MessageImage, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.server.subscriptions import Subscriptions
from vision_chat.services.conversations.context import Context, RequestCaller
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.edit import edit
from vision_chat.services.conversations.purge import purge_deleted_messages
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.send import send
from vision_chat.services.conversations.show_message import show_message
from vision_chat.services.conversations.submit import submit
from vision_chat.services.conversations.withdraw import withdraw
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.presentation.messages import message_html, views_of_rows
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.site import relay
from vision_chat.services.thoughts.division import ReplySoFar
from vision_chat.services.writer import Readers, Writer

MAX_REPLIES = 3
"""Most replies that run at once."""


class Tab(ChatConsumer):
    """The socket of a tab with its page, where frames need no network."""

    def __init__(self, person: User, tree: "RandomTree") -> None:
        self.page = ThreadModel([])
        self.is_closing = False
        self.is_open = False
        self.conversation_id = tree.id
        self.inbox = cast(Any, SimpleNamespace(unless_gone=lambda coroutine: coroutine))
        self.subscriptions = Subscriptions(self.emit, self.close_socket)
        self._person, self._tree = person, tree

    async def send(  # type: ignore[override]  # as the websocket consumer of Channels has it
        self, text_data: str | None = None, **_: object
    ) -> None:
        if not self.page.is_stale:
            self.page.apply(json.loads(text_data or ""))

    def lose(self) -> None:
        """The connection breaks: the page misses what happens from now on."""
        self.subscriptions.cancel_all()
        self.is_open = False

    async def hear(self, events: Iterable[Event]) -> None:
        if self.is_open:
            self.runtime = cast(Any, SimpleNamespace(runner=self._tree.process))
            frames = [list(relay.Frame.of(event)) for event in events]
            await self.relay_broadcast({"frames": frames})

    async def connect(self) -> None:
        """Connect, with what the page shows, or after it has fetched its thread again: watch."""
        if not self.is_open:
            self.page.connect()
        self.is_open = True
        writer, readers = Writer(), Readers()
        self.context = Context(
            caller=RequestCaller(self._person),
            writer=writer,
            readers=readers,
            runner=cast(Any, self._tree.process),
            settings=SETTINGS,
            max_images=3,
            mirrors=Mirrors(None, readers, cast(Any, self._tree.process)),
        )
        try:
            await self.watch(
                ConversationWatch(
                    request_id="1",
                    conversation_id=self._tree.id,
                    leaf_id=self.page.leaf_id,
                    cursors=self.page.cursors,
                    tree_revision=self.page.tree_revision,
                )
            )
        finally:
            await writer.close()
            await readers.close()


class RandomTree:
    """Each step is a thing that can happen to a conversation; `happen` takes one by chance."""

    def __init__(self, owner: User, chance: random.Random, loop: asyncio.Runner) -> None:
        self.time = Time()
        self.process = Process(self.time, MAX_REPLIES)
        self.owner, self._chance, self._loop = owner, chance, loop
        self.id = uuid.uuid4()
        self.said: dict[int, tuple[str, list[uuid.UUID]]] = {}
        """Of each message of the person its text and images, until it is withdrawn or purged."""
        self.settled: dict[int, str] = {}
        self._deleted: list[int] = []
        self._pool = [factories.image(owner, f"{number}.jpg").pk for number in range(3)]
        self.images = set(self._pool)
        self.tabs = [Tab(owner, self), Tab(owner, self)]
        self._do(submit, **self._question())
        for tab in self.tabs:
            self._refetch(tab)

    # what there is

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    @property
    def running(self) -> list[LiveReply]:
        return [live for live in self.process.lives.values() if live.end is None]

    def opened(self) -> ThreadModel:
        """A page that is opened now."""
        conversation = self.conversation
        path = [
            *Message.objects.branch_to(conversation.leaf_id).with_details(),
            *Message.objects.waiting_for(conversation.leaf_id),
        ]
        page = ThreadModel(map(message_html, views_of_rows(path, self._written)))
        page.tree_revision = conversation.tree_revision
        return page

    def _written(self, message_id: int) -> ReplySoFar | None:
        live = self.process.live(message_id)
        return live.written if live is not None and live.end is None else None

    def _one(self, **conditions: Any) -> Message | None:
        """A visible message by chance, rather a new one."""
        found = list(Message.objects.sent().filter(**conditions).order_by("-pk"))
        return found[min(int(self._chance.expovariate(0.4)), len(found) - 1)] if found else None

    # what happens

    def happen(self) -> None:
        steps: dict[Callable[[], None], int] = {
            self.grow: 8,
            self.settle: 5,
            self.ask: 5,
            self.edit: 4,
            self.regenerate: 4,
            self.continue_reply: 3,
            self.show: 5,
            self.delete: 3,
            self.restore: 3,
            self.send: 1,
            self.withdraw: 1,
            self.lose: 2,
            self.crash: 1,
            self.purge: 1,
            self.forget: 1,
        }
        (step,) = self._chance.choices(list(steps), list(steps.values()))
        step()
        self._note()
        self._run(self.time.pass_by(1))
        for tab in self.tabs:
            if tab.page.is_stale:
                self._refetch(tab)
            elif not tab.is_open and self._chance.random() < 0.5:
                self._connect(tab)

    def come_back(self) -> None:
        """All tabs are connected again."""
        for tab in self.tabs:
            if not tab.is_open:
                self._connect(tab)

    def grow(self) -> None:
        for live in self.running:
            for _ in range(self._chance.randint(0, 3)):
                live.append(self._chance.choice(PIECES))

    def settle(self) -> None:
        if self.running:
            live = self._chance.choice(self.running)
            reply_id = int(live.message_id)
            status = Status.STOPPED if reply_id in self.process.stopped else self._chance.choice(ENDS)
            follow_up = end(reply_id, status, text=live.text, runner=self.process)
            generation = Generation.objects.filter(message=reply_id).select_related("completion").latest("pk")
            live.settle(End(generation.status, footer_html(generation, live.answer)))
            self.settled[reply_id] = live.text
            if follow_up is not None:
                self._tell(follow_up.events)

    def ask(self) -> None:
        self._do(submit, **self._question())

    def edit(self) -> None:
        if before := self._one(role="user"):
            asked: Question = self._question()["question"]
            if self._chance.random() < 0.5:  # keeps its pictures
                asked = replace(asked, image_ids=list(before.images.values_list("pk", flat=True)))
            self._do(edit, str(before.pk), asked)

    def regenerate(self) -> None:
        if message := self._one():
            self._do(regenerate, str(message.pk), uuid.uuid4())

    def continue_reply(self) -> None:
        ended = Generation.objects.exclude(status=Status.RUNNING).values("message")
        unended = Generation.objects.running().values("message")
        settled = Message.objects.filter(pk__in=ended).exclude(pk__in=unended).exclude(text="")
        if reply := self._one(role="assistant", pk__in=settled):
            self._do(continue_reply, str(reply.pk))

    def show(self) -> None:
        if message := self._one():
            self._do(show_message, message.pk)

    def delete(self) -> None:
        if message := self._one():
            self._deleted.append(message.pk)
            self._do(delete_message, message.pk)

    def restore(self) -> None:
        if self._deleted:
            self._do(restore_message, self._deleted.pop(self._chance.randrange(len(self._deleted))))

    def _waiting(self) -> Message | None:
        return Message.objects.filter(state="waiting", deleted_at=None).order_by("?").first()

    def send(self) -> None:
        if waiting := self._waiting():
            self._do(send, str(waiting.pk))

    def withdraw(self) -> None:
        if waiting := self._waiting():
            self._do(withdraw, waiting.pk)
            del self.said[waiting.pk]

    def lose(self) -> None:
        """A tab loses its connection for a while."""
        self._chance.choice(self.tabs).lose()

    def crash(self) -> None:
        """The process is killed, which loses what came after its last checkpoint; another takes its place."""
        for live in self.running:
            reply_id = int(live.message_id)
            kept = max(live.first_revision, live.length - self._chance.randint(0, 3))
            Generation.objects.running().filter(message=reply_id).update(status=Status.INTERRUPTED)
            Message.objects.filter(pk=reply_id).update(text=live.text[:kept])
            self.settled[reply_id] = live.text[:kept]
        for tab in self.tabs:
            tab.lose()
        self.process = Process(self.time, MAX_REPLIES)

    def purge(self) -> None:
        """The undo window of what was deleted passes."""
        gone = Message.objects.exclude(deleted_at=None)
        if Generation.objects.running().filter(message__in=gone).exists():
            return
        for pk in gone.values_list("pk", flat=True):
            self.said.pop(pk, None)
            self.settled.pop(pk, None)
        gone.update(deleted_at=timezone.now() - timedelta(days=1))
        while purge_deleted_messages():
            pass
        self._deleted.clear()
        shown = set(MessageImage.objects.values_list("image", flat=True))
        self.images = shown | (self.images & set(UploadedImage.objects.values_list("pk", flat=True)))
        self._pool = list(UploadedImage.objects.order_by("name").values_list("pk", flat=True))

    def forget(self) -> None:
        """Settled replies have lingered long enough."""
        self.process.lives = {pk: live for pk, live in self.process.lives.items() if live.end is None}

    # how it happens

    def _question(self) -> dict[str, Any]:
        images = self._chance.sample(self._pool, min(len(self._pool), self._chance.randint(0, 2)))
        return question(str(uuid.uuid4()), conversation_id=self.id, image_ids=images)

    def _do(self, use_case: Callable[..., Any], *args: object, **kwargs: Any) -> None:
        is_repeatable = use_case in {submit, edit, regenerate}
        is_sent_again = is_repeatable and self._chance.random() < 0.2  # as after a lost connection
        for _ in range(1 + is_sent_again):
            told: list[Event] = []
            with suppress(MessageWaitsError, TooManyRepliesError):
                call(self.owner, use_case, *args, runner=self.process, told=told, **kwargs)
            self._tell(told)

    def _note(self) -> None:
        """Remember what was just said; a message that waits may have moved to another row."""
        newest = max(self.said, default=0)
        for message in Message.objects.filter(role="user", pk__gt=newest):
            images = list(message.images.order_by("attachments__position").values_list("pk", flat=True))
            self.said = {pk: said for pk, said in self.said.items() if said[0] != message.text}
            self.said[message.pk] = message.text, images

    def _tell(self, events: Iterable[Event]) -> None:
        events = list(events)
        for tab in self.tabs:
            self._run(tab.hear(events))

    def _connect(self, tab: Tab) -> None:
        self._run(tab.connect())
        self._run(self.time.pass_by(1))
        if tab.page.is_stale:
            self._refetch(tab)

    def _refetch(self, tab: Tab) -> None:
        tab.page = self.opened()
        self._run(tab.connect())
        self._run(self.time.pass_by(1))

    def _run(self, coroutine: Any) -> None:
        self._loop.run(coroutine)


def newest_child(message: Message) -> int | None:
    """The newest visible message below this one."""
    newest: int | None = Message.objects.sent().filter(parent=message).aggregate(newest=Max("pk"))["newest"]
    return newest
