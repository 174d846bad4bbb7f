"""Broadcast of events to every tab of a person, in all processes. The only caller of the channel layer.

The layer may drop and reorder messages, so nothing depends on it for correctness: a page that reconnects
asks for what it has missed (`conversation.watch`), and the text of a reply is not sent this way.
"""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, NamedTuple

from channels.layers import BaseChannelLayer, get_channel_layer

from vision_chat import events
from vision_chat.events import ConversationStale, Event, FeedbackChanged, MessageCreated, MessageRemoved
from vision_chat.services.metrics import measured

logger = logging.getLogger(__name__)

LAYER_TIMEOUT = 2.0
"""Seconds after which the layer counts as unavailable: a Redis that hangs refuses nothing."""

STEP_SECONDS = 0.05
"""Time between two groups of sockets that are sent away."""


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


Receive = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
"""Receives one message of the layer; a consumer's `dispatch`."""


class LocalSockets:
    """The sockets of this process by person, which get events also while the layer is unavailable."""

    def __init__(self) -> None:
        self._receivers: dict[int, dict[str, Receive]] = defaultdict(dict)
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, user_id: int, channel_name: str, receive: Receive) -> None:
        self._receivers[user_id][channel_name] = receive

    def remove(self, user_id: int, channel_name: str) -> None:
        self._receivers[user_id].pop(channel_name, None)
        if not self._receivers[user_id]:
            del self._receivers[user_id]

    def count(self, user_id: int) -> int:
        return len(self._receivers.get(user_id, {}))

    def all(self) -> list[Receive]:
        return [receive for receivers in self._receivers.values() for receive in receivers.values()]

    def count_all(self) -> int:
        return sum(map(len, self._receivers.values()))

    def send_to_all(self, message: dict[str, Any]) -> None:
        self.send_to(self.all(), message)

    def send(self, user_id: int, message: dict[str, Any]) -> None:
        self.send_to(self._receivers.get(user_id, {}).values(), message)

    def send_to(self, receivers: Iterable[Receive], message: dict[str, Any]) -> None:
        for receive in receivers:
            task = asyncio.create_task(receive(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


_sockets = LocalSockets()


async def join(user_id: int, channel_name: str, receive: Receive) -> None:
    """Let a socket receive what is broadcast to the person."""
    _sockets.add(user_id, channel_name, receive)
    try:
        async with asyncio.timeout(LAYER_TIMEOUT):
            await _layer().group_add(_group(user_id), channel_name)
    except Exception:
        measured.REDIS_ERRORS.add(1, "relay")
        logger.exception("The channel layer does not answer: a socket gets events of its own process only")


async def leave(user_id: int, channel_name: str) -> None:
    """Undo `join`."""
    _sockets.remove(user_id, channel_name)
    try:
        async with asyncio.timeout(LAYER_TIMEOUT):
            await _layer().group_discard(_group(user_id), channel_name)
    except Exception:
        measured.REDIS_ERRORS.add(1, "relay")
        logger.exception("The channel layer does not answer: a closed socket stays in its group")


def count_sockets(user_id: int) -> int:
    """Return how many sockets of the person are open in this process."""
    return _sockets.count(user_id)


def count_all_sockets() -> int:
    """Return how many sockets are open in this process, of all people."""
    return _sockets.count_all()


async def broadcast(user_id: int, *broadcast_events: Event) -> None:
    """Send events to every tab of the person, as messages of type `relay.broadcast` to their sockets."""
    frames = [list(Frame.of(event)) for event in broadcast_events]
    await _send(user_id, {"type": "relay.broadcast", "frames": frames})


async def recheck_sessions(user_id: int) -> None:
    """Let every socket of the person check its session, and close where it has ended."""
    await _send(user_id, {"type": "relay.recheck"})


def look_again() -> None:
    """Let every socket of this process look whether its page has missed something, by `relay.look`."""
    _sockets.send_to_all({"type": "relay.look"})


async def send_away(per_second: float, most_seconds: float) -> None:
    """Let the sockets of this process close and come back elsewhere, by `relay.leave`.

    Not all at once, as other processes take them: so many in a second, or more where that takes too long.
    """
    leaving = _sockets.all()
    steps = max(1, math.ceil(min(len(leaving) / per_second, most_seconds) / STEP_SECONDS))
    for step in range(steps):
        _sockets.send_to(leaving[step::steps], {"type": "relay.leave"})
        await asyncio.sleep(STEP_SECONDS)


async def _send(user_id: int, message: dict[str, Any]) -> None:
    """Send through the layer; where that fails or takes too long, to the sockets of this process."""
    try:
        async with asyncio.timeout(LAYER_TIMEOUT):
            await _layer().group_send(_group(user_id), message)
    except Exception:
        measured.REDIS_ERRORS.add(1, "relay")
        logger.exception("The channel layer does not answer: tabs in other processes catch up later")
        _sockets.send(user_id, message)


def frames_in(message: dict[str, Any]) -> Iterator[Frame]:
    """Return the frames of a `relay.broadcast` message."""
    return (Frame(*parts) for parts in message["frames"])


def _group(user_id: int) -> str:
    return f"user.{user_id}"


def _layer() -> BaseChannelLayer:
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS has no default"
    return layer
