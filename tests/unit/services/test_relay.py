"""What was done is done, also where the channel layer cannot tell others of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from channels.layers import InMemoryChannelLayer, channel_layers

from chatsite.settings import LOCAL_LAYER
from tests.support.client import Browser
from tests.support.replies import generation, settle
from tests.support.server import Server


class SilentLayer(InMemoryChannelLayer):
    """A layer whose Redis has gone away."""

    async def group_add(self, group: str, channel: str) -> None:
        raise ConnectionError("gone")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
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
