"""The websocket protocol, both directions. `docs/protocol.md` explains it; a test holds the two together.

Frames are JSON objects with a `type` ("noun.verb"). Ids are strings. Reading is strict: an unknown
type, an unknown or missing field or a value of the wrong kind is a ProtocolError.
"""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, get_type_hints

import orjson

from vision_chat.errors.base import ProtocolError

MAX_FRAME_BYTES = 256 * 1024
"""Larger frames close the socket: pictures never travel on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a page asks for. Its answer, `request.done` or `error`, repeats `request_id`."""

    type: ClassVar[str]
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSubmit(Command):
    """Ask something. The same `client_id` again is the same turn, not a second one."""

    type = "turn.submit"
    conversation_id: str
    client_id: str
    text: str
    image_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRegenerate(Command):
    """Answer the question of reply `message_id` once more, as its sibling."""

    type = "turn.regenerate"
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContinue(Command):
    """Go on with reply `message_id` where it was cut off, stopped or interrupted."""

    type = "turn.continue"
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationStop(Command):
    """Stop reply `message_id`, at the endpoint too. Stopping twice is no error."""

    type = "generation.stop"
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationWatch(Command):
    """Follow a conversation from what the page shows: its last message and the replies it shows running."""

    type = "conversation.watch"
    conversation_id: str
    leaf_id: str | None
    cursors: dict[str, int]


@dataclass(slots=True, kw_only=True)
class Event:
    """What the server tells a page. Not frozen: one is made for each token, in a third of the time."""

    type: ClassVar[str]


@dataclass(slots=True, kw_only=True)
class RequestDone(Event):
    """The command took effect: the page may forget what it kept for sending it again."""

    type = "request.done"
    request_id: str


@dataclass(slots=True, kw_only=True)
class Error(Event):
    """The command did not take effect; `message` is a sentence for the person."""

    type = "error"
    code: str
    message: str
    request_id: str | None


@dataclass(slots=True, kw_only=True)
class MessageCreated(Event):
    """`html` follows the parent's article; whatever followed it before goes."""

    type = "message.created"
    conversation_id: str
    message_id: str
    parent_id: str | None
    role: str
    html: str


@dataclass(slots=True, kw_only=True)
class ReplyBlocks(Event):
    """Blocks changed up to `revision`. Each is [index, keep, html], see docs/protocol.md."""

    type = "reply.blocks"
    message_id: str
    revision: int
    count: int
    blocks: list[tuple[int, int, str]]


@dataclass(slots=True, kw_only=True)
class ReplyAppend(Event):
    """Plain text to add at the open end of the last block."""

    type = "reply.append"
    message_id: str
    revision: int
    text: str


@dataclass(slots=True, kw_only=True)
class ReplySettled(Event):
    """The reply has ended: its blocks that still differ, and the HTML of its footer."""

    type = "reply.settled"
    message_id: str
    revision: int
    count: int
    blocks: list[tuple[int, int, str]]
    status: str
    html: str


@dataclass(slots=True, kw_only=True)
class ConversationUpdated(Event):
    """Title or last activity changed: `html` is its item in the sidebar, which goes to the top."""

    type = "conversation.updated"
    conversation_id: str
    title: str
    html: str


@dataclass(slots=True, kw_only=True)
class ConversationRemoved(Event):
    type = "conversation.removed"
    conversation_id: str


@dataclass(slots=True, kw_only=True)
class ConversationStale(Event):
    """The page shows another branch than the conversation's: fetch the page afresh."""

    type = "conversation.stale"
    conversation_id: str


@dataclass(slots=True, kw_only=True)
class Ping(Event):
    """Sent at rest, so that proxies keep the socket and pages notice a dead one."""

    type = "ping"


COMMANDS: dict[str, type[Command]] = {
    command.type: command
    for command in (TurnSubmit, TurnRegenerate, TurnContinue, GenerationStop, ConversationWatch)
}
EVENTS: dict[str, type[Event]] = {
    event.type: event
    for event in (
        RequestDone,
        Error,
        MessageCreated,
        ReplyBlocks,
        ReplyAppend,
        ReplySettled,
        ConversationUpdated,
        ConversationRemoved,
        ConversationStale,
        Ping,
    )
}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value  # PostgreSQL keeps no NUL


def _is_optional_text(value: object) -> bool:
    return value is None or _is_text(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_cursors(value: object) -> bool:
    return isinstance(value, dict) and all(type(item) is int for item in value.values())


_CHECKS: dict[object, tuple[Callable[[object], bool], str]] = {
    str: (_is_text, "a text"),
    str | None: (_is_optional_text, "a text or null"),
    list[str]: (_is_texts, "a list of texts"),
    dict[str, int]: (_is_cursors, "an object of whole numbers"),
}
_FIELDS = {command: get_type_hints(command) for command in COMMANDS.values()}
for _hints in _FIELDS.values():
    del _hints["type"]


def parse(frame: str) -> Command:
    """Read one frame from a page. Raises ProtocolError, whose `request_id` is set where it was readable."""
    try:
        data = orjson.loads(frame)
    except orjson.JSONDecodeError:
        error = ProtocolError(problem="the frame is not JSON")
        error.request_id = _request_id_in(frame)
        raise error from None
    if not isinstance(data, dict):
        raise ProtocolError(problem="the frame is not an object")
    request_id = data.get("request_id")
    try:
        return _command(data)
    except ProtocolError as error:
        error.request_id = request_id if isinstance(request_id, str) else None
        raise


def _request_id_in(frame: str) -> str | None:
    """Python's own parser reads halves of an emoji, so that who sent one is answered at least."""
    try:
        request_id = json.loads(frame)["request_id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return request_id if isinstance(request_id, str) and request_id.isprintable() else None


def _command(data: dict[str, Any]) -> Command:
    name = data.pop("type", None)
    command = COMMANDS.get(name) if isinstance(name, str) else None
    if command is None:
        raise ProtocolError(problem=f"unknown type {name!r:.60}")
    hints = _FIELDS[command]
    if data.keys() != hints.keys():
        odd = ", ".join(sorted(data.keys() ^ hints.keys()))
        raise ProtocolError(problem=f"{name} has unknown or missing fields: {odd:.200}")
    for field, value in data.items():
        is_right, kind = _CHECKS[hints[field]]
        if not is_right(value):
            raise ProtocolError(problem=f"{field} of {name} must be {kind}")
    return command(**data)


_EVENT_FIELDS = {event: ("type", *(f.name for f in dataclasses.fields(event))) for event in EVENTS.values()}
_VALUES = {event: attrgetter(*fields) for event, fields in _EVENT_FIELDS.items() if len(fields) > 1}


def encode(event: Event) -> str:
    """Write one event as the text of a frame."""
    kind = type(event)
    values = _VALUES[kind](event) if kind in _VALUES else (event.type,)
    return orjson.dumps(dict(zip(_EVENT_FIELDS[kind], values, strict=True))).decode()
