"""Try who may do what: every command, by everybody."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import factories
from tests.support.people import World, answer_to
from vision_chat.commands import COMMANDS
from vision_chat.consumers import SIGNED_OUT
from vision_chat.models import Conversation, Message

COMMAND_FIELDS: dict[str, Callable[[World], dict[str, Any]]] = {
    "turn.submit": lambda world: {
        "conversation_id": str(world.conversation.pk),
        "client_id": str(uuid.uuid4()),
        "text": "And this?",
        "image_ids": [],
    },
    "turn.preview": lambda world: {
        "conversation_id": str(world.conversation.pk),
        "text": "And this?",
        "image_ids": [],
    },
    "turn.send": lambda world: {"message_id": str(factories.waiting_for(world.reply).pk)},
    "turn.edit": lambda world: {
        "message_id": str(world.reply.parent_id),
        "client_id": str(uuid.uuid4()),
        "text": "And this?",
        "image_ids": [],
    },
    "turn.regenerate": lambda world: {"message_id": str(world.reply.pk)},
    "turn.continue": lambda world: {"message_id": str(world.reply.pk)},
    "generation.stop": lambda world: {"message_id": str(world.reply.pk)},
    "conversation.watch": lambda world: {
        "conversation_id": str(world.conversation.pk),
        "leaf_id": None,
        "cursors": {str(world.reply.pk): 0},
    },
}


def test_every_command_has_its_row() -> None:
    assert COMMAND_FIELDS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMAND_FIELDS)
@pytest.mark.each_database
def test_a_command_is_obeyed_for_the_owner_only(world: World, command: str) -> None:
    fields = COMMAND_FIELDS[command](world)
    before = Message.objects.count()
    for kind in ("stranger", "staff", "reviewer"):
        socket = world.browser(kind).socket()
        request_id = socket.send(command, **fields)
        assert answer_to(socket, request_id) == "conversation.not_found"
        assert [event for event in socket.events if event["type"] != "error"] == []
    assert Message.objects.count() == before
    socket = world.browser("owner").socket()
    assert answer_to(socket, socket.send(command, **fields)) == "done"


@pytest.mark.parametrize("kind", ["nobody", "deactivated"])
def test_a_socket_without_a_session_is_told_so_and_closed(world: World, kind: str) -> None:
    socket = world.browser(kind).socket()

    assert socket.receive()["code"] == "session.ended"
    assert socket.wait_closed() == SIGNED_OUT


@pytest.mark.parametrize("command", COMMAND_FIELDS)
def test_a_command_after_the_account_was_closed_ends_the_socket(world: World, command: str) -> None:
    socket = world.browser("owner").socket()
    socket.submit("A new one")
    socket.reply_id()
    world.browser("deactivated")
    request_id = socket.send(command, **COMMAND_FIELDS[command](world))

    assert answer_to(socket, request_id) == "session.ended"
    assert socket.wait_closed() == SIGNED_OUT


def test_somebody_elses_image_cannot_be_sent(world: World) -> None:
    socket = world.browser("stranger").socket()
    values = {"client_id": str(uuid.uuid4()), "text": "Look", "image_ids": [str(world.image.pk)]}
    request_id = socket.send("turn.submit", conversation_id=str(uuid.uuid4()), **values)

    assert answer_to(socket, request_id) == "turn.image_gone"
    assert Conversation.objects.count() == 1


def test_a_reviewer_cannot_send_the_images_of_others(world: World) -> None:
    socket = world.browser("reviewer").socket()
    values = {"client_id": str(uuid.uuid4()), "text": "Look", "image_ids": [str(world.image.pk)]}
    request_id = socket.send("turn.submit", conversation_id=str(uuid.uuid4()), **values)

    assert answer_to(socket, request_id) == "turn.image_gone"


@pytest.mark.each_database
def test_a_client_id_of_somebody_else_is_free(world: World) -> None:
    """It is unique for each person: one who guesses another's must not be told that it was used."""
    client_id = str(uuid.uuid4())
    for kind in ("owner", "stranger"):
        socket = world.browser(kind).socket()
        socket.submit("Hello", client_id=client_id)
        socket.reply_id()

    assert Message.objects.filter(client_id=client_id).count() == 2
