"""Events of a conversation, to every tab that shows it. The only caller of the channel layer.

The layer may drop and reorder, so nothing depends on it for correctness: a page that comes back asks
for what it has not got (`conversation.watch`), and the text of a reply does not go this way.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.layers import BaseChannelLayer, get_channel_layer

from vision_chat import events
from vision_chat.events import Event, MessageCreated

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event, encoded once for all sockets. `reply_id` names the reply that it brings, if it does."""

    frame: str
    reply_id: str | None = None

    @classmethod
    def of(cls, event: Event) -> "Announcement":
        if isinstance(event, MessageCreated) and event.role == "assistant":
            return cls(events.encode(event), event.message_id)
        return cls(events.encode(event))


def conversation_group(conversation_id: UUID | str) -> str:
    return f"conversation.{conversation_id}"


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


def _layer() -> BaseChannelLayer:
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS has no default"
    return layer


@contextmanager
def _at_best() -> Iterator[None]:
    """What was done is done, also where the layer (Redis, most often) cannot tell others of it."""
    try:
        yield
    except Exception:
        logger.exception("The channel layer does not answer: other tabs catch up when they come back")


async def join(group: str, channel_name: str) -> None:
    with _at_best():
        await _layer().group_add(group, channel_name)


async def leave(group: str, channel_name: str) -> None:
    with _at_best():
        await _layer().group_discard(group, channel_name)


async def publish(group: str, *published: Event) -> None:
    """Hand the events to every socket in `group`; they receive them with `relayed`."""
    await announce(group, [Announcement.of(event) for event in published])


async def announce(group: str, announcements: Iterable[Announcement], *, sender: str = "") -> None:
    """The same for what is encoded already. `sender` is the channel that needs no telling."""
    pairs = [[announcement.frame, announcement.reply_id] for announcement in announcements]
    message = {"type": "relay.events", "announcements": pairs, "sender": sender}
    with _at_best():
        await _layer().group_send(group, message)


async def recheck_sessions(user_id: int) -> None:
    """Let every socket of the user ask whether its session still holds, and close if not."""
    with _at_best():
        await _layer().group_send(user_group(user_id), {"type": "relay.recheck"})


def relayed(message: dict[str, Any]) -> Iterable[Announcement]:
    """The events in a message of the channel layer."""
    return (Announcement(frame, reply_id) for frame, reply_id in message["announcements"])
