"""The websocket of one tab: authorise, parse, call a use-case, follow running replies."""

import asyncio
import contextlib
import logging
import math
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db.utils import DatabaseError

from vision_chat import commands, events
from vision_chat.commands import Command
from vision_chat.errors.base import ChatError, ProtocolError
from vision_chat.errors.turns import (
    NotSavedError,
    ShuttingDownError,
    SignedOutError,
    TooManyFramesError,
    TooManySocketsError,
)
from vision_chat.events import Event
from vision_chat.server.inbox import Inbox, SocketGoneError
from vision_chat.server.known_sessions import known_sessions
from vision_chat.server.occasional import OccasionalWarning
from vision_chat.server.runtime import Runtime
from vision_chat.server.subscriptions import Followed, Subscriptions
from vision_chat.services.accounts.sessions import SocketSession, session_key_of
from vision_chat.services.conversations.catch_up import Page, catch_up
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.edit import edit
from vision_chat.services.conversations.preview import preview
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.revision import Revision
from vision_chat.services.conversations.send import send
from vision_chat.services.conversations.stop import stop
from vision_chat.services.conversations.submit import submit
from vision_chat.services.presentation.sentences import sentence
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.request_ids import Origin, current, work_for
from vision_chat.services.site import relay

logger = logging.getLogger(__name__)
not_checked = OccasionalWarning(logger, "A session could not be checked; trying again in %s s: %s")

PING_SECONDS = 20.0
PING_STEP = 0.25
"""Pings that are due within this time are sent together, so that their sockets are checked in one job."""
LOOK_SECONDS = 5.0
"""Most time by which the database may delay a ping."""
SIGNED_OUT = 4401
"""Close code after which a page offers to sign in instead of reconnecting."""
TRY_AGAIN = 1012
"""Close code after which a page reconnects by itself ("service restart", registered with IANA)."""
TOO_MUCH = 1008
"""Close code of a socket that sends more than it may, or of a person with too many ("policy violation")."""
MAX_SOCKETS = 50
"""Most sockets of one person in this process."""

USE_CASES: dict[type[Command], Callable[..., Awaitable[uuid.UUID | None]]] = {
    commands.TurnSubmit: submit,
    commands.TurnSend: send,
    commands.TurnEdit: edit,
    commands.TurnRegenerate: regenerate,
    commands.TurnContinue: continue_reply,
    commands.GenerationStop: stop,
}
"""The use-case of each command, called with the command's fields; those of a question are a `Question`.

A use-case that begins a reply returns the conversation's id, which the tab shows from then on.
"""


class ChatConsumer(AsyncWebsocketConsumer):
    """Receives the commands of `commands.COMMANDS` and sends the events of `events.EVENTS`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle what the page sends and what the relay tells, one after the other, until the socket closes.

        Channels would open a channel of the layer for each socket; `relay` has one for all of a process.
        """
        self.subscriptions = Subscriptions(self.emit, self.close_socket)
        self.conversation_id: uuid.UUID | None = None
        self.revision: Revision | None = None
        """That of the conversation when its page watched it last; None where it did not."""
        self.user_id: int | None = None
        self.pinging: asyncio.Task[None] | None = None
        self.is_closing = False
        self.request_id = current().request_id
        """That of the handshake, with which those of the commands begin."""
        self.frames = 0
        """Number of those that came from the page: the ids of their requests end with it."""
        self.inbox = Inbox(receive)
        self.scope, self.base_send = scope, send
        reading = asyncio.create_task(self.inbox.read())
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    await self.dispatch(await self.inbox.next())
        finally:
            # here, because `disconnect` is not called where sending has failed
            reading.cancel()
            self.leave()

    async def connect(self) -> None:
        """Accept the socket, so that a refusal can be explained by an event, then check the session."""
        self.runtime: Runtime = self.scope["state"]["runtime"]
        key = session_key_of(self.scope["headers"])
        self.session = SocketSession(key, expected=self._person_of_page())
        self.context = self.runtime.context(self.session)
        await self.accept()
        if self.runtime.is_database_away:
            await self.come_again()
            return
        try:
            is_signed_in = await self.is_signed_in()
        except DatabaseError:
            logger.exception("The session of a new socket could not be checked")
            await self.come_again()
            return
        if is_signed_in and self.session.person_id is not None:
            known_sessions.add(self.session.key, self.session.person_id)
            await self.enter(self.session.person_id)

    async def come_again(self) -> None:
        """Let the page try it once more: it is not known whose socket this is."""
        await self.refuse(NotSavedError(), None)
        await self.close_socket()

    def _person_of_page(self) -> str:
        """Return who was signed in when the page was made, "" where it does not say."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        return query.get("person", [""])[0]

    async def enter(self, user_id: int) -> None:
        """Take part in what is sent to the person, unless too many sockets do."""
        if relay.count_sockets(user_id) >= MAX_SOCKETS:
            await self.refuse(TooManySocketsError(limit=MAX_SOCKETS), None)
            await self.close_socket(TOO_MUCH)
            return
        self.user_id = user_id
        relay.join(user_id, self)
        self.pinging = asyncio.create_task(self.ping())

    async def disconnect(self, code: int) -> None:
        """End at once; a page that has sent too much is told so, one that was told too much comes again."""
        if self.inbox.is_flooded:
            await self.refuse(TooManyFramesError(), None)
            await self.close_socket(TOO_MUCH)
        elif self.inbox.is_behind:
            await self.close_socket()
        raise StopConsumer

    def leave(self) -> None:
        """Release everything that belongs to the socket."""
        if self.pinging:
            self.pinging.cancel()
        self.subscriptions.cancel_all()
        if self.user_id is not None:
            relay.leave(self.user_id, self)

    async def is_signed_in(self) -> bool:
        """Tell whether somebody is; where the session has ended, say so and close the socket."""
        try:
            await self.runtime.socket_checks.check(self.session)
        except SignedOutError as error:
            await self.refuse(error, None)
            return False
        return True

    async def ping(self) -> None:
        """Keep the socket alive through proxies, and close it when the session has ended."""
        while True:
            await asyncio.sleep(seconds_to_ping())
            await self.look()

    async def look(self) -> None:
        """Send a ping, by which a page that may be behind watches again. Close where nobody is signed in."""
        shown = self.conversation_id if self.context.has_others else None
        is_behind = False
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                revision = await self.runtime.socket_checks.check(self.session, shown)
            is_behind = shown is not None and revision != self.revision
        except SignedOutError as error:
            await self.refuse(error, None)
        except (DatabaseError, TimeoutError) as error:
            not_checked(PING_SECONDS, repr(error))
        await self.emit(events.Ping(conversation_id=str(shown) if is_behind else None))

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle a message. Channels would first close old connections to the database: a socket has none."""
        await getattr(self, get_handler_name(message))(message)

    # from the page

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Execute one command and answer it with `request.done` or `error`, unless the socket is closing."""
        if self.is_closing:
            return
        self.frames += 1
        work_for(Origin(f"{self.request_id}.{self.frames}", self.user_id))
        try:
            command = commands.parse(text_data or "")
        except ProtocolError as error:
            await self.refuse(error, error.request_id)
            return
        try:
            done = await self.execute(command)
        except SocketGoneError:
            return
        except ShuttingDownError as error:
            await self.hand_over(command, error)
        except ChatError as error:
            await self.refuse(error, command.request_id)
        except DatabaseError:
            logger.exception("A change by user %s could not be saved", self.user_id)
            await self.refuse(NotSavedError(), command.request_id)
        except Exception:
            logger.exception("A command of user %s failed", self.user_id)
            await self.refuse(ChatError(), command.request_id)
        else:
            await self.emit(done)

    async def hand_over(self, command: Command, error: ShuttingDownError) -> None:
        """Let the page ask another process, where there may be one; what it would not repeat is refused."""
        if not self.context.has_others or isinstance(command, commands.TurnContinue):
            await self.refuse(error, command.request_id)
        else:
            await self.close_socket()

    async def execute(self, command: Command) -> events.RequestDone:
        """Do what a command asks for. Returns the answer to it."""
        done = events.RequestDone(request_id=command.request_id)
        if isinstance(command, commands.ConversationWatch):
            done.revision = await self.watch(command)
        elif isinstance(command, commands.TurnPreview):
            await self.preview(command)
        else:
            conversation_id = await USE_CASES[type(command)](self.context, **_arguments(command))
            if conversation_id is not None:
                self.follow_conversation(conversation_id)
        return done

    async def watch(self, command: commands.ConversationWatch) -> str | None:
        """Show a conversation: send what the page has missed, and follow its running replies.

        Returns the revision that the page then shows, None where it goes on, or is out of date.
        """
        # followed before it is read: what is told between the two comes twice, which is better than never
        before, followed = self.conversation_id, self.subscriptions.followed
        self.follow_conversation(command.conversation_id)
        try:
            if not followed and await self.inbox.unless_gone(self.lacks_nothing(command)):
                return command.revision
            ids = frozenset(int(live.message_id) for live in followed if not live.has_ended)
            page = Page(command.leaf_id, command.cursors, command.tree_revision, ids)
            missed = await self.inbox.unless_gone(catch_up(self.context, command.conversation_id, page))
        except ChatError:
            self.conversation_id = before
            raise
        self.revision = missed.revision
        # what the page shows it has said; replies on a branch that it has left are not among that
        self.subscriptions.cancel(followed)
        for event in missed.events:
            await self.emit(event)
        for live, cursor in missed.followed:
            self.subscriptions.restart(live, cursor)
        return missed.revision_at_rest

    async def lacks_nothing(self, command: commands.ConversationWatch) -> bool:
        """Tell whether the conversation is still as the page knows it; it is looked up for many at once."""
        if command.revision is None or not self.context.has_others:
            return False
        revision = await self.runtime.socket_checks.check(self.session, command.conversation_id)
        if revision is None or command.revision != str(revision):
            return False
        self.revision = revision
        return True

    async def preview(self, command: commands.TurnPreview) -> None:
        """Tell this tab alone what would be sent."""
        await self.emit(await preview(self.context, **_arguments(command)))

    def follow_conversation(self, conversation_id: uuid.UUID) -> None:
        """Make this the conversation whose messages the socket gets."""
        if conversation_id != self.conversation_id:
            self.subscriptions.cancel_all()
            self.conversation_id, self.revision = conversation_id, None

    # to the page

    async def relay_broadcast(self, message: dict[str, Any]) -> None:
        """Handle `relay.broadcast`: deliver the frames that this page wants."""
        for frame in relay.frames_in(message):
            if frame.conversation_id in (None, str(self.conversation_id)):
                await self.deliver(frame)

    async def deliver(self, frame: relay.Frame) -> None:
        """Send an event, after the ends of replies before it. Follow a running reply that it creates."""
        await self.subscriptions.ends_sent()
        live = await self.running(int(frame.reply_id)) if frame.reply_id else None
        if live is not None and live in self.subscriptions:
            return  # `watch` has sent it already: sent again, it would reset the reply on the page
        if live is None and frame.reply_id and self.subscriptions.follows(frame.reply_id):
            return  # it has ended, or nobody knows where it runs: what is followed tells of its end
        if frame.after is not None:
            self.leave_branch_after(frame.after)
        await self.emit_text(frame.text)
        if isinstance(live, LiveReply):
            self.subscriptions.add(live, Cursor.at(live.first_revision))
        elif live is not None:  # it may have begun another part since the event was made: all of it is sent
            self.subscriptions.add(live, Cursor())
        elif frame.reply_id and self.context.has_others:
            # it has ended elsewhere, perhaps before the page watched last: this frame says again that it runs
            self.revision = None
            await self.look()

    async def running(self, reply_id: int) -> Followed | None:
        """Return a reply that runs here, or the mirror of one that runs in another process or waits."""
        live = self.runtime.runner.live(reply_id)
        if live is not None and live.end is None:
            return live
        try:
            return await self.context.mirrors.running(reply_id) or live  # which may go on elsewhere
        except DatabaseError:
            logger.exception("It is not known where reply %s runs; its page finds out later", reply_id)
            return live

    def leave_branch_after(self, message_id: int) -> None:
        """Follow no reply any more that stood after this message: on the page another one takes its place."""
        # a message is newer than those before it
        followed = self.subscriptions.followed
        self.subscriptions.cancel([live for live in followed if int(live.message_id) > message_id])

    async def relay_recheck(self, message: dict[str, Any]) -> None:
        """Handle `relay.recheck`: close the socket where its session has ended."""
        await self.look()

    def tell(self, message: dict[str, Any]) -> None:
        """Handle a message of the relay, after what waits to be handled already."""
        self.inbox.tell(message)

    async def send_away(self) -> None:
        """Close, because this process ends; the page goes on at another one."""
        await self.close_socket()

    async def emit(self, event: Event) -> None:
        await self.emit_text(events.encode(event))

    async def emit_text(self, text: str) -> None:
        """Send a frame. A closed socket is no error: its page reconnects and catches up."""
        if not self.is_closing:
            with contextlib.suppress(OSError):
                await self.send(text_data=text)

    async def refuse(self, error: ChatError, request_id: str | None) -> None:
        """Send an error event; close the socket where its session has ended."""
        message = sentence(error, error.params)
        await self.emit(events.Error(code=error.code, message=message, request_id=request_id))
        if isinstance(error, SignedOutError):
            await self.close_socket(SIGNED_OUT)

    async def close_socket(self, code: int = TRY_AGAIN) -> None:
        """Close the socket and send nothing more. The page reconnects with its cursors and catches up."""
        if not self.is_closing:
            self.is_closing = True
            with contextlib.suppress(OSError):
                await self.close(code=code)


def seconds_to_ping() -> float:
    """Return the time to the next ping."""
    now = asyncio.get_running_loop().time()
    return math.ceil((now + PING_SECONDS) / PING_STEP) * PING_STEP - now


def _arguments(command: Command) -> dict[str, Any]:
    """Return what the use-case of a command takes: its fields, those of a question as one argument."""
    fields = msgspec.structs.asdict(command)
    del fields["request_id"]
    if not isinstance(command, commands.QuestionCommand):
        return fields
    question = {
        name: fields.pop(name) for name in ("client_id", "text", "image_ids", "choices") if name in fields
    }
    return fields | {"question": Question(**question)}
