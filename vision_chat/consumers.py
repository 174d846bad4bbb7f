"""The socket of one tab: authorise, parse, call a use-case, follow the replies that run."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.utils import DatabaseError

from vision_chat import events
from vision_chat.errors.base import ChatError, ProtocolError
from vision_chat.errors.turns import NotKeptError, SignedOutError
from vision_chat.events import Event
from vision_chat.server.runtime import Process
from vision_chat.server.subscriptions import Following
from vision_chat.services import relay
from vision_chat.services.accounts.sessions import SocketSession, session_key_of
from vision_chat.services.conversations import turns, watching
from vision_chat.services.conversations.turns import Question, Turn
from vision_chat.services.presentation import transcript
from vision_chat.services.relay import Announcement
from vision_chat.services.replies.live import Cursor, LiveReply

logger = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

PING_SECONDS = 20.0
SIGNED_OUT = 4401
"""Close code after which a page must not reconnect by itself but offer to sign in."""
TRY_AGAIN = 1012
"""Close code after which a page comes back by itself."""


class ChatConsumer(AsyncWebsocketConsumer):
    """Commands of `events.COMMANDS` in, `events.EVENTS` out."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels does, but without closing old connections on another thread before each message:
        nothing here uses the database but through the writer, which looks after its own.
        """
        try:
            await getattr(self, get_handler_name(message))(message)
        except SignedOutError as error:
            await self.refuse(error, None)
        except OSError:
            logger.debug("A page closed before it was answered", exc_info=True)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.following = Following(self.emit, self.break_off)
        self.groups_joined: set[str] = set()
        self.pinging: asyncio.Task[None] | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:
            # also where sending has failed and nobody tells of the disconnect
            await self.leave()

    async def leave(self) -> None:
        if self.pinging:
            self.pinging.cancel()
        self.following.end_all()
        for group in self.groups_joined:
            await relay.leave(group, self.channel_name)

    async def connect(self) -> None:
        process: Process = self.scope["state"]["process"]
        self.runner, self.writer = process.runner, process.writer
        self.conversation_id: uuid.UUID | None = None
        self.user_id: int = 0
        self.session = SocketSession(session_key_of(self.scope["headers"]))
        self.is_closing = False
        await self.accept()
        user = await self.writer.run(self.session.user)
        self.user_id = user.pk
        await self.join(relay.user_group(self.user_id))
        self.pinging = asyncio.create_task(self.ping())

    async def join(self, group: str) -> None:
        self.groups_joined.add(group)
        await relay.join(group, self.channel_name)

    async def disconnect(self, code: int) -> None:
        raise StopConsumer

    async def ping(self) -> None:
        """Keep the socket alive through proxies, and close it when the session has ended."""
        with contextlib.suppress(OSError):  # the page has gone
            while True:
                await asyncio.sleep(PING_SECONDS)
                await self.emit(events.Ping())
                try:
                    await self.dispatch({"type": "relay.recheck"})
                except DatabaseError:
                    logger.exception("A session could not be checked; it is again in %s s", PING_SECONDS)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        request_id: str | None = None
        try:
            command = events.parse(text_data or "")
            request_id = command.request_id
            await HANDLERS[type(command)](self, command)
        except ChatError as error:
            if isinstance(error, ProtocolError):
                request_id = error.request_id or request_id
            await self.refuse(error, request_id)
        except OSError:
            raise  # the page has gone, and what it asked for is done
        except DatabaseError:
            logger.exception("What user %s asked for could not be kept", self.user_id)
            await self.refuse(NotKeptError(), request_id)
        except Exception:
            logger.exception("A command of user %s failed", self.user_id)
            await self.refuse(ChatError(), request_id)
        else:
            await self.emit(events.RequestDone(request_id=request_id))

    def emit(self, event: Event) -> Awaitable[None]:
        return self.emit_frame(events.encode(event))

    async def emit_frame(self, frame: str) -> None:
        if not self.is_closing:
            # what `send` does in the end, at a third of its cost
            await self.base_send({"type": "websocket.send", "bytes": None, "text": frame})

    async def refuse(self, error: ChatError, request_id: str | None) -> None:
        message = transcript.sentence(error, error.params)
        await self.emit(events.Error(code=error.code, message=message, request_id=request_id))
        if isinstance(error, SignedOutError):
            await self.break_off(SIGNED_OUT)

    async def break_off(self, code: int = TRY_AGAIN) -> None:
        """Close, and send nothing more: the page comes back with its cursors, and misses nothing."""
        if not self.is_closing:
            self.is_closing = True
            await self.close(code=code)

    async def as_user(
        self,
        use_case: Callable[Concatenate[AbstractBaseUser, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call `use_case` on the writer's thread for the person whose session still holds."""

        def call() -> Result:
            return use_case(self.session.user(), *args, **kwargs)

        return await self.writer.run(call)

    # commands

    async def submit(self, command: events.TurnSubmit) -> None:
        question = Question(
            conversation_id=_uuid(command.conversation_id),
            client_id=_uuid(command.client_id),
            text=command.text.strip(),
            image_ids=[_uuid(image_id) for image_id in command.image_ids],
            max_images=settings.VISION_CHAT.max_images_per_message,
        )
        turn = await self.as_user(turns.submit, question, self.runner.new_generation())
        await self.begin(turn)

    async def regenerate(self, command: events.TurnRegenerate) -> None:
        new = self.runner.new_generation()
        await self.begin(await self.as_user(turns.regenerate, _message_id(command.message_id), new))

    async def resume(self, command: events.TurnContinue) -> None:
        new = self.runner.new_generation()
        await self.begin(await self.as_user(turns.resume, _message_id(command.message_id), new))

    async def begin(self, turn: Turn) -> None:
        """Forward first, tell afterwards: the request to the endpoint leaves before any page is rendered."""
        if not turn.is_repeated:
            self.runner.start(turn)
        if turn.conversation.pk != self.conversation_id:
            await self.enter_conversation(turn.conversation.pk)
        await self.tell(relay.conversation_group(turn.conversation.pk), watching.created(turn))
        await self.tell(relay.user_group(self.user_id), [watching.updated(turn.conversation)])

    async def tell(self, group: str, news: Iterable[Event]) -> None:
        """Show it here at once, and let the other tabs know: also where this one has closed meanwhile."""
        announcements = [Announcement.of(event) for event in news]
        with contextlib.suppress(OSError):
            for announcement in announcements:
                await self.show_new(announcement)
        await relay.announce(group, announcements, sender=self.channel_name)

    async def stop(self, command: events.GenerationStop) -> None:
        reply = await self.as_user(watching.reply_for, _message_id(command.message_id))
        self.runner.stop(reply.pk)

    async def watch(self, command: events.ConversationWatch) -> None:
        conversation_id = _uuid(command.conversation_id)
        await self.as_user(watching.conversation_for, conversation_id)
        # join first, read then: what happens between the two arrives twice, but never not at all
        await self.enter_conversation(conversation_id)
        seen = watching.Seen(leaf_id=command.leaf_id, cursors=command.cursors)
        missed = await self.as_user(watching.catch_up, conversation_id, seen, self.runner.live)
        for event in missed.events:
            await self.show(Announcement.of(event))
        for live in missed.running:
            if live not in self.following:
                self.following.begin(live, Cursor.at(command.cursors[live.message_id]))

    # the conversation that this tab shows

    async def enter_conversation(self, conversation_id: uuid.UUID) -> None:
        self.following.end_all()
        if conversation_id == self.conversation_id:
            return
        if self.conversation_id:
            group = relay.conversation_group(self.conversation_id)
            self.groups_joined.discard(group)
            await relay.leave(group, self.channel_name)
        self.conversation_id = conversation_id
        await self.join(relay.conversation_group(conversation_id))

    async def show(self, announcement: Announcement) -> None:
        """Send an event, and follow the reply that it brings, if that runs here."""
        live = self.live(announcement.reply_id) if announcement.reply_id else None
        if live and live in self.following:
            return  # it arrived with the catching up before: sent again, it would set the page back
        await self.emit_frame(announcement.frame)
        if live:
            self.following.begin(live, Cursor.at(live.first_revision))

    async def show_new(self, announcement: Announcement) -> None:
        """The same for what was just made: a short reply may end before its beginning comes here."""
        await self.show(announcement)
        reply_id = announcement.reply_id
        if reply_id and not self.following.has(reply_id) and self.live(reply_id) is None:
            for event in await self.as_user(watching.end_of, int(reply_id)):
                await self.emit(event)

    def live(self, message_id: str) -> LiveReply | None:
        return self.runner.live(int(message_id)) if message_id.isdecimal() else None

    # messages of the channel layer

    async def relay_events(self, message: dict[str, Any]) -> None:
        if message["sender"] == self.channel_name:
            return  # its own, which it has shown at once
        for announcement in relay.relayed(message):
            await self.show_new(announcement)

    async def relay_recheck(self, message: dict[str, Any]) -> None:
        await self.writer.run(self.session.user)


HANDLERS: dict[type[events.Command], Callable[[ChatConsumer, Any], Awaitable[None]]] = {
    events.TurnSubmit: ChatConsumer.submit,
    events.TurnRegenerate: ChatConsumer.regenerate,
    events.TurnContinue: ChatConsumer.resume,
    events.GenerationStop: ChatConsumer.stop,
    events.ConversationWatch: ChatConsumer.watch,
}


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ProtocolError(problem=f"{text!r:.60} is not a UUID") from None


def _message_id(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise ProtocolError(problem=f"{text!r:.60} is not the id of a message")
    return int(text)
