"""Whoever follows a reply: told at ticks, with others, and no faster than the work allows."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable

import pytest

from tests.support.page_model import PageModel
from vision_chat.events import Event, encode
from vision_chat.services.markdown.changes import Change
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.replies.live import Cursor, End, LiveReply
from vision_chat.services.replies.pacing import RESTS_FOR_WORK, Pace

END = End("completed", "<p>footer</p>")
COST = 0.005


def showing(page: PageModel) -> Callable[[Event], Awaitable[None]]:
    """Sends to `page`."""

    async def send(event: Event) -> None:
        page.apply(json.loads(encode(event)))

    return send


def tireless() -> Pace:
    """Of a watcher for which every update comes late enough."""
    return Pace(clock=map(float, itertools.count()).__next__)


async def test_followers_are_sent_everything_up_to_the_end() -> None:
    reply = LiveReply("7", StreamingDocument)
    page = PageModel()
    following = asyncio.create_task(reply.follow(Cursor(), showing(page), Pace()))
    for word in ("one ", "two ", "three"):
        reply.append(word)
        await asyncio.sleep(0)
    reply.settle(END)
    await following

    assert page.blocks == ["<p>one two three</p>"]


async def test_between_two_ticks_a_watcher_is_told_once() -> None:
    ticks: list[Callable[[], None]] = []
    reply = LiveReply("7", StreamingDocument, soon=ticks.append)
    page = PageModel()
    revisions = []

    async def send(event: Event) -> None:
        page.apply(json.loads(encode(event)))
        revisions.append(page.revision)

    following = asyncio.create_task(reply.follow(Cursor(), send, Pace()))
    await asyncio.sleep(0)
    for word in ("one ", "two ", "three"):
        reply.append(word)
        await asyncio.sleep(0)
    assert revisions == [0]
    reply.settle(END)
    (tick,) = ticks
    tick()
    await following

    assert revisions == [0, 14]
    assert page.blocks == ["<p>one two three</p>"]


async def test_all_replies_of_a_tick_are_rendered_before_any_of_them_is_sent() -> None:
    ticks: list[Callable[[], None]] = []
    happened: list[str] = []

    class Noting(StreamingDocument):
        def extend(self, text: str) -> list[Change]:
            happened.append(f"rendered {text}")
            return super().extend(text)

    async def send(event: Event) -> None:
        happened.append(event.type)

    replies = [LiveReply(name, Noting, soon=ticks.append) for name in "ab"]
    following = [asyncio.create_task(reply.follow(Cursor(), send, tireless())) for reply in replies]
    await asyncio.sleep(0)
    happened.clear()
    for reply in replies:
        reply.append(reply.message_id)
        reply.settle(END)
    for tick in ticks:
        tick()
    await asyncio.gather(*following)

    assert happened == ["rendered a", "rendered b", "reply.settled", "reply.settled"]


async def test_a_reply_that_cannot_be_rendered_is_the_trouble_of_its_watchers_alone() -> None:
    class Broken(StreamingDocument):
        def extend(self, text: str) -> list[Change]:
            if text:
                raise ZeroDivisionError(text)
            return []

    async def send(event: Event) -> None:
        """Nothing comes."""

    reply = LiveReply("7", Broken)
    following = [asyncio.create_task(reply.follow(Cursor(), send, tireless())) for _ in range(2)]
    await asyncio.sleep(0)
    reply.append("Hello")

    for ended in await asyncio.gather(*following, return_exceptions=True):
        assert isinstance(ended, ZeroDivisionError)


class Work:
    """A reply that takes COST to render, in a time that passes only while somebody works or rests."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rendered: list[str] = []
        self.rests: list[float] = []
        self.reply = LiveReply("7", lambda text: DearDocument(self, text), clock=self.clock)

    def clock(self) -> float:
        return self.now

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds
        if not self.reply.end:
            self.reply.append("three")

    async def follow(self, send: Callable[[Event], Awaitable[None]]) -> None:
        """Say "one" to a watcher that has rested long, and go on to the end."""
        following = asyncio.create_task(self.reply.follow(Cursor(), send, Pace(self.rest, self.clock)))
        await asyncio.sleep(0)
        self.now += 1
        self.reply.append("one")
        await following


class DearDocument(StreamingDocument):
    def __init__(self, work: Work, text: str) -> None:
        self._work = work
        super().__init__(text)

    def extend(self, text: str) -> list[Change]:
        if text:
            self._work.now += COST
            self._work.rendered.append(text)
        return super().extend(text)


async def test_rendering_that_is_dear_lets_its_watchers_rest_after_it() -> None:
    work = Work()

    async def send(event: Event) -> None:
        if work.rendered:
            work.reply.settle(END)

    await work.follow(send)
    assert work.rests == [pytest.approx(RESTS_FOR_WORK * COST)]


async def test_what_comes_while_all_watchers_rest_is_rendered_once() -> None:
    work = Work()

    async def send(event: Event) -> None:
        if work.rendered == ["one"]:
            asyncio.get_running_loop().call_soon(work.reply.append, " two ")
        elif work.rendered:
            work.reply.settle(END)

    await work.follow(send)
    assert work.rendered[:2] == ["one", " two three"]


async def test_a_follower_that_cannot_send_holds_up_nobody() -> None:
    reply = LiveReply("7", StreamingDocument)
    stuck = asyncio.Event()

    async def never(event: Event) -> None:
        await stuck.wait()

    slow = asyncio.create_task(reply.follow(Cursor(), never, Pace()))
    reply.append("Hello")
    await asyncio.sleep(0)
    reply.settle(END)
    page = PageModel()
    await reply.follow(Cursor(), showing(page), Pace())
    assert page.status == "completed"
    slow.cancel()
