"""Words for tests about replies."""

from typing import Any

from tests.support.client import Socket
from tests.support.page_model import PageModel
from vision_chat.models import Generation, Message
from vision_chat.services.presentation.transcript import MessageView


def shown(events: list[dict[str, Any]], message_id: str) -> list[str]:
    """The blocks that a page has after these events."""
    model = PageModel()
    for event in events:
        if event.get("message_id") == message_id:
            model.apply(event)
    return model.blocks


def afresh(message_id: str) -> list[str]:
    """The blocks that a page opened now shows."""
    message = Message.objects.with_details().get(pk=message_id)
    return [str(block) for block in MessageView.of(message).blocks]


def settle(socket: Socket, message_id: str) -> dict[str, Any]:
    return socket.wait_for("reply.settled", message_id=message_id)


def generation(message_id: str) -> Generation:
    return Generation.objects.filter(message_id=int(message_id)).latest("pk")


def assert_works(socket: Socket) -> None:
    socket.submit("Are you there?")
    socket.reply_id()
