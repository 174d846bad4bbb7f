"""What was done is done, also where the channel layer cannot tell others of it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from chatsite.settings import LOCAL_LAYER
from tests.support.client import Browser
from tests.support.replies import generation, settle
from tests.support.run_stage import SkippingLoop
from tests.support.server import PATIENCE, Server
from vision_chat.consumers import TRY_AGAIN
from vision_chat.events import ConversationRemoved, MessageCreated, Ping
from vision_chat.services.site import relay


class SilentLayer(InMemoryChannelLayer):
    """A layer whose Redis has gone away."""

    async def group_add(self, group: str, channel: str) -> None:
        raise ConnectionError("gone")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError("gone")

    async def group_discard(self, group: str, channel: str) -> None:
        raise ConnectionError("gone")


class HangingLayer(InMemoryChannelLayer):
    """A layer whose Redis is connected and does not answer."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()


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


@pytest.mark.each_database
def test_a_turn_is_answered_while_the_layer_is_away(server: Server, browser: Browser) -> None:
    with layer(SilentLayer()):
        socket = browser.socket()
        socket.submit("Hello")
        reply = socket.reply_id()
        assert settle(socket, reply)["status"] == "completed"
        assert [event for event in socket.events if event["type"] == "error"] == []
    assert generation(reply).status == "completed"


async def test_a_tab_that_is_open_for_days_stays_in_its_group() -> None:
    kept = InMemoryChannelLayer(**LOCAL_LAYER["CONFIG"])
    channel = await kept.new_channel()
    await kept.group_add("user.1", channel)
    kept.groups["user.1"][channel] -= 3 * 86400
    await kept.group_send("user.1", {"type": "relay.recheck"})

    assert await kept.receive(channel) == {"type": "relay.recheck"}


class Tab:
    """A socket that has joined, without a server: keeps what it is told."""

    def __init__(self, channel_name: str) -> None:
        self.channel_name = channel_name
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def join(self, user_id: int) -> None:
        await relay.join(user_id, self.channel_name, self.told.put)

    async def types(self) -> list[str]:
        """Wait for the next broadcast; the types of its events."""
        async with asyncio.timeout(PATIENCE):
            message = await self.told.get()
        return [json.loads(frame.text)["type"] for frame in relay.frames_in(message)]


async def test_broadcast_reaches_every_tab_of_the_person_in_this_process_while_the_layer_is_away() -> None:
    one, two, of_another = Tab("one"), Tab("two"), Tab("three")
    with layer(SilentLayer()):
        for tab, user_id in ((one, 1), (two, 1), (of_another, 2)):
            await tab.join(user_id)
        await relay.broadcast(1, Ping(), ConversationRemoved(conversation_id="c"))
        told = [await tab.types() for tab in (one, two)]
        await relay.broadcast(2, Ping())

        assert told == [["ping", "conversation.removed"]] * 2
        assert await of_another.types() == ["ping"]
        assert one.told.empty()
        assert two.told.empty()
        for tab, user_id in ((one, 1), (two, 1), (of_another, 2)):
            await relay.leave(user_id, tab.channel_name)


def test_broadcast_reaches_the_tabs_of_this_process_while_the_layer_hangs() -> None:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SkippingLoop)
        tab = Tab("one")
        with layer(SilentLayer()):
            runner.run(tab.join(1))

        async def broadcast() -> list[str]:
            broadcasting = asyncio.create_task(relay.broadcast(1, Ping()))
            await asyncio.sleep(0)
            loop.skipped += relay.LAYER_TIMEOUT
            await broadcasting
            return await tab.types()

        with layer(HangingLayer()):
            assert runner.run(broadcast()) == ["ping"]
        with layer(SilentLayer()):
            runner.run(relay.leave(1, "one"))


async def test_broadcast_does_not_reach_a_tab_that_has_left_while_the_layer_is_away() -> None:
    left, stays = Tab("left"), Tab("stays")
    with layer(SilentLayer()):
        await left.join(1)
        await stays.join(1)
        await relay.leave(1, "left")
        await relay.broadcast(1, Ping())

        assert await stays.types() == ["ping"]
        assert left.told.empty()
        await relay.leave(1, "stays")
        await relay.broadcast(1, Ping())
        await asyncio.sleep(0)
        assert stays.told.empty()


async def test_broadcast_goes_by_the_layer_alone_while_that_works() -> None:
    working = InMemoryChannelLayer(**LOCAL_LAYER["CONFIG"])
    with layer(working):
        tab = Tab(await working.new_channel())
        await tab.join(1)
        await relay.broadcast(1, Ping())
        message = await working.receive(tab.channel_name)
        assert [frame.text for frame in relay.frames_in(message)] == ['{"type":"ping"}']
        await relay.leave(1, tab.channel_name)
        assert "user.1" not in working.groups
        assert tab.told.empty()


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
    async with asyncio.timeout(5):
        await relay.send_away(per_second=0.001, most_seconds=0)
