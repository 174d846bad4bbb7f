"""Words for tests about replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.client import Browser, Socket
from tests.support.fake_scenarios import Scenario
from tests.support.page_model import PageModel
from tests.support.server import EndpointCall
from vision_chat.models import Generation, Message
from vision_chat.services.presentation.messages import MessageView


@dataclass(frozen=True)
class Turn:
    """A question that was sent on `socket`, and the id of the reply that was announced there."""

    browser: Browser
    socket: Socket
    conversation: str
    reply: str

    def begin(self, tokens: int) -> EndpointCall:
        """Let this many tokens of `scenarios.step` go and wait until some are shown; the endpoint's call."""
        call = self.browser.server.next_call()
        call.release(tokens)
        self.wait_for_text()
        return call

    def wait_for_text(self) -> None:
        self.socket.wait_for("reply.blocks", message_id=self.reply)

    def stop(self) -> str:
        """Send a stop; its request id."""
        return self.socket.send("generation.stop", message_id=self.reply)

    def settle(self) -> dict[str, Any]:
        """Wait for the end of the reply; the event that tells it."""
        return settle(self.socket, self.reply)

    def shown(self) -> list[str]:
        """The blocks that the sender's page has by now."""
        return shown(self.socket.events, self.reply)


def ask(browser: Browser, *scenarios: Scenario, text: str = "Hello", image_ids: Sequence[str] = ()) -> Turn:
    """Send the first question of a new conversation; the endpoint answers by these scenarios."""
    browser.server.fake.script(*scenarios)
    socket = browser.socket()
    conversation = socket.submit(text, image_ids=list(image_ids))
    return Turn(browser, socket, conversation, socket.reply_id())


def watch(
    browser: Browser, conversation: str, leaf: str | None = None, cursors: dict[str, int] | None = None
) -> Socket:
    """Open another tab on the conversation, whose page shows these replies up to their cursors."""
    socket = browser.socket()
    socket.send("conversation.watch", conversation_id=conversation, leaf_id=leaf, cursors=cursors or {})
    return socket


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
    return [str(block) for block in MessageView.of_row(message).blocks]


def settle(socket: Socket, message_id: str) -> dict[str, Any]:
    """Wait for the end of the reply; the event that tells it."""
    return socket.wait_for("reply.settled", message_id=message_id)


def saved_text(message_id: str) -> str:
    """The text that the database has."""
    return Message.objects.get(pk=message_id).text


def generation(message_id: str) -> Generation:
    """The latest of the reply's generations."""
    return Generation.objects.filter(message_id=int(message_id)).latest("pk")


def assert_works(socket: Socket) -> None:
    """Ask something; the reply is announced."""
    socket.submit("Are you there?")
    socket.reply_id()
