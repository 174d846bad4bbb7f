"""Broadcast of events to every tab of a person, in all processes. The only caller of the channel layer.

Each process has one channel, on which it hears what concerns anybody; it knows its sockets by their people.
The layer may drop and reorder messages, so nothing depends on it for correctness: a page that reconnects
asks for what it has missed (`conversation.watch`), and the text of a reply is not sent this way.
"""

import asyncio
import logging
import math
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, Final, NamedTuple, Protocol

from channels.layers import BaseChannelLayer, get_channel_layer

from vision_chat import events
from vision_chat.events import ConversationStale, Event, FeedbackChanged, MessageCreated, MessageRemoved
from vision_chat.services.metrics import measured

logger = logging.getLogger(__name__)

LAYER_TIMEOUT = 2.0
"""Seconds after which the layer counts as unavailable: a Redis that hangs refuses nothing."""

STEP_SECONDS = 0.05
"""Time between two groups of sockets that are sent away."""
PROCESSES: Final = "processes"
"""The group of the layer with one channel of each process."""
HEAR_AGAIN_SECONDS: Final = 1.0


class Frame(NamedTuple):
    """One event, encoded once for all sockets.

    `conversation_id` is set where the event is for pages that show this conversation only, `reply_id` where
    it creates a reply, which such a page then follows. `after` is the message after which it shows another
    one in place of all that stood there, 0 at the beginning; None where it does not.
    """

    text: str
    conversation_id: str | None = None
    reply_id: str | None = None
    after: int | None = None

    @classmethod
    def of(cls, event: Event) -> "Frame":
        text = events.encode(event)
        if isinstance(event, ConversationStale | MessageRemoved | FeedbackChanged):
            return cls(text, event.conversation_id)
        if not isinstance(event, MessageCreated):
            return cls(text)
        reply_id = event.message_id if event.role == "assistant" else None
        return cls(text, event.conversation_id, reply_id, int(event.parent_id or 0))


Message = dict[str, Any]
"""A message of the channel layer; its type names the consumer's method that handles it."""


class Socket(Protocol):
    """A socket of this process."""

    def tell(self, message: Message) -> None:
        """Let it handle the message, after those that came before."""

    async def look(self) -> None:
        """Look whether its page has missed something."""

    async def send_away(self) -> None:
        """Close; its page comes back at another process."""


class LocalSockets:
    """The sockets of this process by person."""

    def __init__(self) -> None:
        self._sockets: dict[int, list[Socket]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, user_id: int, socket: Socket) -> None:
        self._sockets.setdefault(user_id, []).append(socket)

    def remove(self, user_id: int, socket: Socket) -> None:
        of_person = self._sockets.get(user_id, [])
        if socket in of_person:
            of_person.remove(socket)
        if not of_person:
            self._sockets.pop(user_id, None)

    def of(self, user_id: int) -> list[Socket]:
        return self._sockets.get(user_id, [])

    def all(self) -> list[Socket]:
        return [socket for of_person in self._sockets.values() for socket in of_person]

    def run(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        """Let sockets do something, none of which waits for another."""
        for each in work:
            task = asyncio.create_task(each)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


_sockets = LocalSockets()


def join(user_id: int, socket: Socket) -> None:
    """Let a socket be told what is broadcast to the person."""
    _sockets.add(user_id, socket)


def leave(user_id: int, socket: Socket) -> None:
    """Undo `join`."""
    _sockets.remove(user_id, socket)


def count_sockets(user_id: int) -> int:
    """Return how many sockets of the person are open in this process."""
    return len(_sockets.of(user_id))


def count_all_sockets() -> int:
    """Return how many sockets are open in this process, of all people."""
    return len(_sockets.all())


async def broadcast(user_id: int, *broadcast_events: Event) -> None:
    """Send events to every tab of the person, as messages of type `relay.broadcast` to their sockets."""
    frames = [list(Frame.of(event)) for event in broadcast_events]
    await _send(user_id, {"type": "relay.broadcast", "frames": frames})


async def recheck_sessions(user_id: int) -> None:
    """Let every socket of the person check its session, and close where it has ended."""
    await _send(user_id, {"type": "relay.recheck"})


def look_again() -> None:
    """Let every socket of this process look whether its page has missed something."""
    _sockets.run(socket.look() for socket in _sockets.all())


async def send_away(per_second: float, most_seconds: float) -> None:
    """Let the sockets of this process close and come back elsewhere.

    Not all at once, as other processes take them: so many in a second, or more where that takes too long.
    """
    leaving = _sockets.all()
    steps = max(1, math.ceil(min(len(leaving) / per_second, most_seconds) / STEP_SECONDS))
    for step in range(steps):
        _sockets.run(socket.send_away() for socket in leaving[step::steps])
        await asyncio.sleep(STEP_SECONDS)


async def hear(again: float = HEAR_AGAIN_SECONDS) -> None:
    """Tell sockets of this process what is broadcast to their people in any, until cancelled.

    Returns at once where there is no layer: then this process is the only one. `again` are the seconds after
    which a layer that fails is asked once more.
    """
    layer = get_channel_layer()
    if layer is None:
        return
    channel = await _channel_in(layer, again)
    while True:
        try:
            message = await layer.receive(channel)
            _tell(message.pop("person"), message)
        except Exception:
            logger.exception("A message of the channel layer could not be read")
            await asyncio.sleep(again)


async def _channel_in(layer: BaseChannelLayer, again: float) -> str:
    """Return a channel of the layer that gets what is sent to all processes."""
    channel = ""
    while True:
        try:
            # one alone: another in the group, which nobody reads, would keep all that is ever broadcast
            channel = channel or await layer.new_channel()
            await layer.group_add(PROCESSES, channel)
        except Exception as error:  # noqa: BLE001 - Redis may fail in any way; it is asked again
            logger.warning("The channel layer is not heard yet; trying again: %r", error)
            await asyncio.sleep(again)
        else:
            return channel


async def _send(user_id: int, message: Message) -> None:
    """Send through the layer; where there is none, or it fails or takes too long, to the sockets here."""
    layer = get_channel_layer()
    if layer is None:
        _tell(user_id, message)
        return
    try:
        async with asyncio.timeout(LAYER_TIMEOUT):
            await layer.group_send(PROCESSES, message | {"person": user_id})
    except Exception:
        measured.REDIS_ERRORS.add(1, "relay")
        logger.exception("The channel layer does not answer: tabs in other processes catch up later")
        _tell(user_id, message)


def _tell(user_id: int, message: Message) -> None:
    for socket in _sockets.of(user_id):
        socket.tell(message)


def frames_in(message: Message) -> Iterator[Frame]:
    """Return the frames of a `relay.broadcast` message."""
    return (Frame(*parts) for parts in message["frames"])
