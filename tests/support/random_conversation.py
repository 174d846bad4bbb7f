"""A conversation that goes on at random, with the replies that its process holds in memory."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress

from django.contrib.auth.models import User

from tests.support.live_stage import Time
from tests.support.thread_model import ThreadModel
from tests.support.use_cases import RecordingRunner, call, question
from tests.support.waiting import end
from vision_chat.errors.turns import MessageWaitsError
from vision_chat.events import Event, encode
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.catch_up import Missed, Page, catch_up
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.send import send
from vision_chat.services.conversations.submit import submit
from vision_chat.services.conversations.withdraw import withdraw
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.presentation.messages import message_html, views_of_rows
from vision_chat.services.replies._pacing import RenderPace, Ticker
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.turn import Turn
from vision_chat.services.thoughts.division import ReplySoFar

PIECES = ("word ", "**bold** ", "`code` ", "\n\n", "- item\n", "x", " & <b>", "\n```\n", "| a |\n|---|\n")
ENDS = (Status.COMPLETED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED)


class Process(RecordingRunner):
    """A runner whose replies grow when the test says so."""

    def __init__(self, time: Time, max_per_person: int = 1000) -> None:
        super().__init__(per_person=max_per_person)
        self.lives: dict[int, LiveReply] = {}
        self._time = time
        self._ticker = Ticker(time.call_later, time.clock)

    def start(self, turn: Turn) -> None:
        pace = RenderPace(self._time.clock)
        message_id = turn.reply.pk
        self.lives[message_id] = LiveReply(
            str(message_id), StreamingDocument, self._ticker, turn.parts, pace=pace
        )

    def live(self, message_id: int) -> LiveReply | None:  # type: ignore[override]
        return self.lives.get(message_id)


class RandomConversation:
    """Each step is a thing that can happen to a conversation; `happen` takes one by chance."""

    def __init__(self, owner: User, chance: random.Random) -> None:
        self.time = Time()
        self.process = Process(self.time)
        self._owner = owner
        self._chance = chance
        self.id = call(owner, submit, runner=self.process, **question())

    @property
    def leaf(self) -> Message:
        leaf = Conversation.objects.select_related("leaf").get(pk=self.id).leaf
        assert leaf is not None
        return leaf

    @property
    def waiting(self) -> Message | None:
        return Message.objects.waiting_for(self.leaf.pk).first()

    @property
    def running(self) -> LiveReply | None:
        leaf_id = Conversation.objects.values_list("leaf_id", flat=True).get(pk=self.id)
        live = self.process.live(leaf_id or 0)
        return live if live is not None and live.end is None else None

    @property
    def running_reply(self) -> LiveReply:
        assert self.running is not None
        return self.running

    def opened(self) -> ThreadModel:
        """A page that is opened now."""
        conversation = Conversation.objects.get(pk=self.id)
        path = [
            *Message.objects.branch_to(conversation.leaf_id).with_details(),
            *Message.objects.waiting_for(conversation.leaf_id),
        ]
        return ThreadModel(map(message_html, views_of_rows(path, self._written)))

    def _written(self, message_id: int) -> ReplySoFar | None:
        live = self.process.live(message_id)
        return live.written if live is not None and live.end is None else None

    def happen(self) -> None:
        if self.running is not None:
            steps = {self.grow: 6, self.settle: 2, self.ask: 2, self.crash: 1}
        else:
            steps = {self.ask: 3, self.regenerate: 2, self.continue_reply: 3, self.forget: 2, self.crash: 1}
        if self.waiting is not None:
            steps |= {self.withdraw: 1, self.send: 1}
        (step,) = self._chance.choices(list(steps), list(steps.values()))
        step()

    def grow(self) -> None:
        if self.running is not None:
            for _ in range(self._chance.randint(1, 4)):
                self.running.append(self._chance.choice(PIECES))

    def settle(self) -> None:
        if self.running is not None:
            self.tell_end(self.save_end())

    def save_end(self) -> LiveReply:
        """Write the end of the running reply, which sends what waits for it; its watchers are told next."""
        live = self.running_reply
        end(int(live.message_id), self._chance.choice(ENDS), text=live.text, runner=self.process)
        return live

    def tell_end(self, live: LiveReply) -> None:
        generation = (
            Generation.objects.filter(message=int(live.message_id)).select_related("completion").latest("pk")
        )
        live.settle(End(generation.status, footer_html(generation, live.answer)))

    def _save(self, text: str, status: Status) -> None:
        Generation.objects.filter(message=self.leaf.pk, status=Status.RUNNING).update(status=status)
        Message.objects.filter(pk=self.leaf.pk).update(text=text)

    def ask(self) -> None:
        """While a reply runs the question waits."""
        with suppress(MessageWaitsError):
            call(self._owner, submit, runner=self.process, **question(conversation_id=self.id))

    def withdraw(self) -> None:
        if self.waiting is not None:
            call(self._owner, withdraw, self.waiting.pk)

    def send(self) -> None:
        if self.waiting is not None:
            call(self._owner, send, str(self.waiting.pk), runner=self.process)

    def regenerate(self) -> None:
        call(self._owner, regenerate, str(self.leaf.pk), runner=self.process)

    def continue_reply(self) -> None:
        if self.leaf.text:
            call(self._owner, continue_reply, str(self.leaf.pk), runner=self.process)

    def forget(self) -> None:
        """Settled replies have lingered long enough."""
        self.process.lives = {pk: live for pk, live in self.process.lives.items() if live.end is None}

    def crash(self, losing: int | None = None) -> None:
        """The process is killed, which loses what came after its last checkpoint; another takes its place."""
        if live := self.running:
            kept = live.length - (self._chance.randint(0, 3) if losing is None else losing)
            self._save(live.text[: max(live.first_revision, kept)], Status.INTERRUPTED)
        self.process = Process(self.time)


class Visit:
    """A page comes back to a conversation and stays for a while."""

    def __init__(
        self, page: ThreadModel, inside: RandomConversation, owner: User, loop: asyncio.Runner
    ) -> None:
        self.page = page
        self._inside = inside
        self._owner = owner
        self._loop = loop

    def catch_up(self) -> Missed:
        self.page.connect()
        page, process = self.page, self._inside.process
        shown = Page(page.leaf_id, page.cursors)
        return call(self._owner, catch_up, self._inside.id, shown, runner=process)

    def stay(self, missed: Missed, *steps: Callable[[], None]) -> None:
        """Apply what was missed, and follow the running replies while these things happen."""
        for event in missed.events:
            self.page.apply(json.loads(encode(event)))
        tasks = [
            self._loop.get_loop().create_task(live.follow(cursor, self._send))
            for live, cursor in missed.followed
        ]
        for step in steps:
            step()
            self._loop.run(self._inside.time.pass_by(1))
        self._loop.run(self._inside.time.pass_by(1))
        for task in tasks:
            task.cancel()
        self._loop.run(asyncio.sleep(0))

    async def _send(self, event: Event) -> None:
        self.page.apply(json.loads(encode(event)))
