"""One socket's subscriptions: each reply is followed once, to its end, and fails alone."""

import asyncio

from tests.support.live_stage import END, Stage
from vision_chat.events import Event, ReplyAppend, ReplyBlocks, ReplySettled
from vision_chat.server.subscriptions import Subscriptions
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.replies.history import Cursor


class Socket:
    """Keeps what it is sent, unless sending fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[Event] = []
        self.is_broken_off = False
        self._failure = failure
        self.subscriptions = Subscriptions(self._send, self._break_off)

    async def _send(self, event: Event) -> None:
        if self._failure is not None:
            raise self._failure
        self.sent.append(event)

    async def _break_off(self) -> None:
        self.is_broken_off = True

    @property
    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self.sent]


class BrokenDocument(StreamingDocument):
    def feed(self, text: str) -> str | None:
        if text:
            raise ZeroDivisionError
        return super().feed(text)


async def test_a_subscription_ends_with_its_reply() -> None:
    stage, socket = Stage(), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello", " there")
    assert stage.reply in socket.subscriptions
    await stage.settle()

    assert socket.kinds[-1] is ReplySettled
    assert stage.reply not in socket.subscriptions


async def test_a_reply_is_known_by_its_id_until_its_end_was_sent() -> None:
    stage, socket = Stage(), Socket()
    assert not socket.subscriptions.follows(stage.reply.message_id)
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")
    assert socket.subscriptions.follows(stage.reply.message_id)
    await stage.settle()

    assert not socket.subscriptions.follows(stage.reply.message_id)


async def test_a_reply_that_is_followed_already_is_sent_once() -> None:
    stage, socket = Stage(), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say(" there")

    assert socket.kinds.count(ReplyBlocks) == 1
    assert [event.text for event in socket.sent if isinstance(event, ReplyAppend)] == [" there"]
    socket.subscriptions.cancel_all()


async def test_several_replies_are_followed_at_a_time() -> None:
    stages, socket = [Stage(), Stage()], Socket()
    stages[1].reply.message_id = "another"
    for stage in stages:
        socket.subscriptions.add(stage.reply, Cursor())
    for stage in stages:
        await stage.say("Hello")
        await stage.settle()

    assert socket.kinds.count(ReplySettled) == 2


async def test_cancel_all_ends_every_subscription() -> None:
    stage, socket = Stage(), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")
    socket.subscriptions.cancel_all()
    before = list(socket.sent)
    await stage.say(" there")

    assert socket.sent == before
    assert stage.reply not in socket.subscriptions


async def test_a_reply_that_is_followed_again_at_once_stays_followed() -> None:
    """The end of the cancelled task comes after the new one has begun."""
    stage, socket = Stage(), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await asyncio.sleep(0)
    socket.subscriptions.cancel_all()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")

    assert stage.reply in socket.subscriptions
    socket.subscriptions.cancel_all()


async def test_a_page_that_has_gone_ends_its_subscription_and_nothing_else() -> None:
    stage, socket = Stage(), Socket(ConnectionResetError("gone"))
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")

    assert stage.reply not in socket.subscriptions
    assert not socket.is_broken_off


async def test_a_reply_that_cannot_be_rendered_breaks_the_socket_off() -> None:
    stage, socket = Stage(document=BrokenDocument()), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")

    assert socket.is_broken_off
    assert stage.reply not in socket.subscriptions


async def test_what_comes_after_a_reply_can_wait_until_its_end_was_sent() -> None:
    stage, socket = Stage(), Socket()
    socket.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")
    await socket.subscriptions.ends_sent()  # at once, as it goes on
    assert ReplySettled not in socket.kinds
    stage.reply.settle(END)
    waiting = asyncio.create_task(socket.subscriptions.ends_sent())
    await stage.time.pass_by(1)
    await waiting

    assert socket.kinds[-1] is ReplySettled
