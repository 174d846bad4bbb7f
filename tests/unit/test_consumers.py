"""The table of commands and use-cases, and what a socket does at a closed door."""

from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from tests.support.server import Server
from vision_chat import commands, events
from vision_chat.consumers import TRY_AGAIN, USE_CASES, ChatConsumer
from vision_chat.services.presentation.messages import message_created, views_of_rows
from vision_chat.services.site import relay
from vision_chat.services.site.redis import RedisError

BY_THE_CONSUMER = {commands.ConversationWatch, commands.TurnPreview}
"""It needs the socket itself: what it shows, and what it follows."""


def test_every_command_has_a_use_case_or_is_carried_out_by_the_consumer() -> None:
    assert set(USE_CASES) | BY_THE_CONSUMER == set(commands.COMMANDS.values())
    assert not set(USE_CASES) & BY_THE_CONSUMER


class LayerOfRedisThatIsAway(InMemoryChannelLayer):
    """A channel layer that cannot make a channel."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        raise RedisError("refused")


async def test_a_socket_without_redis_is_closed_so_that_its_page_tries_again(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"{__name__}.LayerOfRedisThatIsAway"}}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await ChatConsumer()({"type": "websocket", "headers": []}, receive, send)

    assert sent == [{"type": "websocket.close", "code": TRY_AGAIN}]


@pytest.mark.each_database
def test_a_turn_at_a_closed_door_is_asked_again_where_another_process_may_take_it(
    server: Server, browser: Browser
) -> None:
    socket = browser.socket()
    server.now(server.runtime.runner.close_door, 5.0)
    socket.submit("Hello")

    if server.runtime.mirroring is None:
        assert socket.wait_for("error")["code"] == "server.shutting_down"
    else:
        assert socket.wait_closed() == TRY_AGAIN


@pytest.mark.each_database
def test_only_beside_other_processes_a_reply_that_has_ended_already_is_looked_for(
    server: Server, browser: Browser, ann: User
) -> None:
    conversation = factories.conversation(ann)
    socket, shown = browser.socket(), str(conversation.pk)
    done = socket.send("conversation.watch", conversation_id=shown, leaf_id=None, cursors={})
    socket.wait_for("request.done", request_id=done)
    reply = factories.turn(conversation, "Before?")
    told = [message_created(conversation.pk, view) for view in views_of_rows([reply])]
    server.call(relay.broadcast(ann.pk, *told, events.ConversationSettled(conversation_id=shown)))
    socket.wait_for("conversation.settled")

    kinds = [event["type"] for event in socket.events]
    assert ("ping" in kinds) == server.runtime.mirrors.has_link
