"""The kinds of people that stand before a door, and what they might want to get at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from tests.support import factories
from tests.support.client import Browser, Socket
from tests.support.server import Server
from vision_chat.models import Conversation, Message, ReadConsent, ReadGrant, UploadedImage
from vision_chat.services.accounts.groups import make_groups

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
    image = factories.image(owner)
    factories.attach(Message.objects.get(children=reply), image)
    people: dict[str, User | None] = {
        "nobody": None,
        "owner": owner,
        "deactivated": owner,
        "stranger": User.objects.create_user("stranger"),
        "staff": staff("staff"),
        "reviewer": staff("reviewer", "view_conversation"),
    }
    assert people["reviewer"]
    granted(people["reviewer"], conversation)
    return World(
        conversation, reply, image, {kind: Browser(server, person) for kind, person in people.items()}
    )


def staff(name: str, *permissions: str) -> User:
    """Create somebody of the staff who may do this and nothing else."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def signed_in(user: User) -> Client:
    """Return Django's own test client, without a server."""
    client = Client()
    client.force_login(user)
    return client


def session_of(user: User) -> str:
    """Return the key of a session in which this person is signed in."""
    return str(signed_in(user).session.session_key)


def answer_to(socket: Socket, request_id: str) -> str:
    """`done`, or the code of the error that answers the command."""
    while True:
        event = socket.receive()
        if event.get("request_id") == request_id:
            return "done" if event["type"] == "request.done" else str(event["code"])


def in_group(name: str, group: str) -> User:
    """Create somebody of the staff who is in this ready group."""
    make_groups()
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    return user


def consented(
    conversation: Conversation, reader: User | None = None, until: datetime | None = None
) -> ReadConsent:
    """Let the owner of a conversation consent that all who review read it, or this reader until a moment."""
    return ReadConsent.objects.create(conversation=conversation, reader=reader, until=until)


def granted(
    reader: User, conversation: Conversation, minutes: float = 60, reason: str = "A report"
) -> ReadGrant:
    """Let somebody read a conversation for so long, as if they had given a reason; below zero it is over."""
    until = timezone.now() + timedelta(minutes=minutes)
    return ReadGrant.objects.create(reader=reader, conversation=conversation, reason=reason, until=until)
