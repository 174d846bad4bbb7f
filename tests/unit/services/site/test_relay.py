"""What is broadcast reaches the sockets of a person, whatever the channel layer does."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from tests.support.client import Browser
from tests.support.replies import generation, settle
from tests.support.run_stage import SkippingLoop
from tests.support.server import PATIENCE, Server
from tests.support.told import Told
from vision_chat.consumers import TRY_AGAIN
from vision_chat.events import ConversationRemoved, MessageCreated, Ping
from vision_chat.services.site import relay


class SilentLayer(InMemoryChannelLayer):
    """A layer whose Redis has gone away."""

    async def group_add(self, group: str, channel: str) -> None:
        raise ConnectionError("gone")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError("gone")


class HangingLayer(InMemoryChannelLayer):
    """A layer whose Redis is connected and does not answer."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()


class LateLayer(InMemoryChannelLayer):
    """A layer whose Redis comes when it is asked for the second time."""

    times_asked = 0

    async def new_channel(self, prefix: str = "specific.") -> str:
        self.times_asked += 1
        if self.times_asked == 1:
            raise ConnectionError("not yet")
        return await super().new_channel(prefix)


class BreakingLayer(InMemoryChannelLayer):
    """A layer whose Redis goes away once the first channel is in the group."""

    times_asked = 0

    async def group_add(self, group: str, channel: str) -> None:
        await super().group_add(group, channel)
        self.times_asked += 1
        if self.times_asked == 1:
            raise ConnectionError("gone")


@contextmanager
def layer(replacement: InMemoryChannelLayer) -> Iterator[None]:
    before: Any = channel_layers.set("default", replacement)
    try:
        yield
    finally:
        # it may not have been made yet
        del channel_layers.backends["default"]
        if before is not None:
            channel_layers.set("default", before)


@asynccontextmanager
async def hearing(replacement: InMemoryChannelLayer) -> AsyncIterator[None]:
    """A process that hears on the layer."""
    with layer(replacement):
        task = asyncio.create_task(relay.hear(again=0))
        async with asyncio.timeout(PATIENCE):
            while not replacement.groups:  # noqa: ASYNC110 - the layer has no event for it
                await asyncio.sleep(0.01)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.each_database
def test_a_turn_is_answered_while_the_layer_is_away(server: Server, browser: Browser) -> None:
    with layer(SilentLayer()):
        socket = browser.socket()
        socket.submit("Hello")
        reply = socket.reply_id()
        assert settle(socket, reply)["status"] == "completed"
        assert [event for event in socket.events if event["type"] == "error"] == []
    assert generation(reply).status == "completed"


def types(message: dict[str, Any]) -> list[str]:
    return [json.loads(frame.text)["type"] for frame in relay.frames_in(message)]


async def test_broadcast_reaches_every_tab_of_the_person_in_this_process_while_the_layer_is_away() -> None:
    with layer(SilentLayer()), Told(1) as one, Told(1) as two, Told(2) as of_another:
        await relay.broadcast(1, Ping(), ConversationRemoved(conversation_id="c"))
        await relay.broadcast(2, Ping())

        for tab in (one, two):
            assert [types(message) for message in tab.messages] == [["ping", "conversation.removed"]]
        assert [types(message) for message in of_another.messages] == [["ping"]]


def test_broadcast_reaches_the_tabs_of_this_process_while_the_layer_hangs() -> None:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SkippingLoop)

        async def broadcast() -> None:
            broadcasting = asyncio.create_task(relay.broadcast(1, Ping()))
            await asyncio.sleep(0)
            loop.skipped += relay.LAYER_TIMEOUT
            await broadcasting

        with layer(HangingLayer()), Told(1) as tab:
            runner.run(broadcast())
            assert [types(message) for message in tab.messages] == [["ping"]]


async def test_broadcast_reaches_tabs_where_there_is_no_layer_but_none_that_has_left() -> None:
    with Told(1) as stays, Told(1) as left:
        relay.leave(1, left)
        await relay.broadcast(1, Ping())

        assert len(stays.messages) == 1
        assert left.messages == []
    await relay.broadcast(1, Ping())
    assert len(stays.messages) == 1


async def test_broadcast_goes_by_the_layer_to_the_tabs_of_its_person_once() -> None:
    async with hearing(InMemoryChannelLayer()):
        with Told(1) as tab, Told(2) as of_another:
            await relay.broadcast(1, Ping())
            await relay.recheck_sessions(1)
            await tab.until(2)

            first, second = tab.messages
            assert types(first) == ["ping"]
            assert second == {"type": "relay.recheck"}
            assert of_another.messages == []


async def test_a_process_hears_as_soon_as_the_layer_has_come() -> None:
    late = LateLayer()
    async with hearing(late):
        with Told(1) as tab:
            await relay.broadcast(1, Ping())
            await tab.until(1)

    assert late.times_asked == 2


async def test_a_process_that_could_not_hear_at_once_leaves_no_channel_behind() -> None:
    breaking = BreakingLayer()
    async with hearing(breaking):
        with Told(1) as tab:
            await relay.broadcast(1, Ping())
            await tab.until(1)

    assert breaking.times_asked == 2
    assert len(breaking.groups[relay.PROCESSES]) == 1


async def test_a_message_that_cannot_be_read_is_no_end_of_hearing(caplog: pytest.LogCaptureFixture) -> None:
    working = InMemoryChannelLayer()
    async with hearing(working):
        with Told(1) as tab:
            await working.group_send(relay.PROCESSES, {"type": "of another release"})
            await relay.broadcast(1, Ping())
            await tab.until(1)

    assert "could not be read" in caplog.text


def test_frame_of_an_event_says_which_pages_want_it() -> None:
    def created(role: str) -> MessageCreated:
        return MessageCreated(conversation_id="c", message_id="7", parent_id=None, role=role, html="")

    assert relay.Frame.of(Ping())[1:] == (None, None, None)
    assert relay.Frame.of(created("user"))[1:] == ("c", None, 0)
    assert relay.Frame.of(created("assistant"))[1:] == ("c", "7", 0)


@pytest.mark.each_database
def test_sockets_are_sent_away_in_groups_and_all_of_them_come_back(server: Server, browser: Browser) -> None:
    sockets = [browser.socket() for _ in range(5)]
    for socket in sockets:
        socket.send("generation.stop", message_id="0")
        socket.wait_for("error")  # so it takes part in what is sent to the person
    server.call(relay.send_away(per_second=30, most_seconds=1))

    assert [socket.wait_closed() for socket in sockets] == [TRY_AGAIN] * 5


async def test_nobody_waits_long_however_many_are_sent_away() -> None:
    async with asyncio.timeout(PATIENCE):
        await relay.send_away(per_second=0.001, most_seconds=0)
