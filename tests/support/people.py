"""The kinds of people that stand before a door, and what they might want to get at."""

from dataclasses import dataclass

from django.contrib.auth.models import Permission, User

from tests.support import factories
from tests.support.client import Browser, Socket
from tests.support.server import Server
from vision_chat.models import Conversation, Message, UploadedImage

KINDS = ("nobody", "stranger", "staff", "reviewer", "owner", "deactivated")
"""`deactivated` is the owner, whose account is closed while the session goes on: so it comes last."""


@dataclass(frozen=True)
class World:
    """What belongs to the owner, and everybody's browser."""

    conversation: Conversation
    reply: Message
    image: UploadedImage
    browsers: dict[str, Browser]

    def browser(self, kind: str) -> Browser:
        if kind == "deactivated":
            User.objects.filter(pk=self.conversation.owner_id).update(is_active=False)
        return self.browsers[kind]


def make_world(server: Server, owner: User) -> World:
    conversation = factories.conversation(owner, "Stairs")
    reply = factories.turn(conversation)
    image = factories.picture(owner)
    factories.attach(Message.objects.get(children=reply), image)
    people: dict[str, User | None] = {
        "nobody": None,
        "owner": owner,
        "deactivated": owner,
        "stranger": User.objects.create_user("stranger"),
        "staff": User.objects.create_user("staff", is_staff=True),
        "reviewer": reviewer(),
    }
    return World(
        conversation, reply, image, {kind: Browser(server, person) for kind, person in people.items()}
    )


def reviewer() -> User:
    person = User.objects.create_user("reviewer", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    return person


def answer_to(socket: Socket, request_id: str) -> str:
    """`done`, or the code of the error that answers the command."""
    while True:
        event = socket.receive()
        if event.get("request_id") == request_id:
            return "done" if event["type"] == "request.done" else str(event["code"])
