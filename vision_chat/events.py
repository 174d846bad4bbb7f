"""Events: what the server tells pages on the websocket. `docs/protocol.md` explains it, and a test compares.

Frames are JSON objects with a `type` ("noun.verb"). Ids are strings.
"""

from typing import Literal

import msgspec


class Event(msgspec.Struct, kw_only=True, tag_field="type"):
    """A message from the server to a page."""


class RequestDone(Event, kw_only=True, tag="request.done", omit_defaults=True):
    """The command took effect: the page no longer needs its copy for sending it again.

    `revision` is that of a conversation that is watched from now on, where nothing of it runs or waits.
    """

    request_id: str
    revision: str | None = None


class Error(Event, kw_only=True, tag="error"):
    """The command did not take effect; `message` is a sentence for the person."""

    code: str
    message: str
    request_id: str | None


class MessageCreated(Event, kw_only=True, tag="message.created"):
    """A message follows its parent on the branch that is shown. `html` replaces all that stood there."""

    conversation_id: str
    message_id: str
    parent_id: str | None
    role: str
    html: str


class MessageRemoved(Event, kw_only=True, tag="message.removed"):
    """A waiting message was withdrawn."""

    conversation_id: str
    message_id: str


class FeedbackChanged(Event, kw_only=True, tag="feedback.changed"):
    """The person has marked a reply, or taken the mark back: `mark` is "" then."""

    conversation_id: str
    message_id: str
    mark: str


class ReplyBlocks(Event, kw_only=True, tag="reply.blocks"):
    """Blocks changed up to `revision`. Each is [index, keep, html], see docs/protocol.md."""

    message_id: str
    revision: int
    count: int
    blocks: list[tuple[int, int, str]]


class ReplyAppend(Event, kw_only=True, tag="reply.append"):
    """Plain text to add at the insertion point."""

    message_id: str
    revision: int
    text: str


class ReplyThoughts(Event, kw_only=True, tag="reply.thoughts"):
    """The thoughts have grown: blocks that changed, then text for their insertion point.

    `label` stands above them; `is_open` while they are all that has come.
    """

    message_id: str
    revision: int
    count: int
    blocks: list[tuple[int, int, str]]
    text: str
    label: str
    is_open: bool


class ReplyNote(Event, kw_only=True, tag="reply.note"):
    """A sentence that says why the reply has not begun; "" removes the last one.

    `queued` is the number of replies that are taken before it, where it waits for a slot.
    """

    message_id: str
    text: str
    queued: int | None = None


class ReplyPlaces(Event, kw_only=True, tag="reply.places"):
    """Places that the answer names: from index `first` on the items of their list are now those of `html`."""

    message_id: str
    first: int
    html: str


class ReplySettled(Event, kw_only=True, tag="reply.settled"):
    """The reply has ended: its blocks that still differ, and the HTML of its footer."""

    message_id: str
    revision: int
    count: int
    blocks: list[tuple[int, int, str]]
    status: str
    html: str


class ConversationUpdated(Event, kw_only=True, tag="conversation.updated"):
    """Title or last activity changed. `html` is the conversation's item for the top of the sidebar."""

    conversation_id: str
    title: str
    html: str


class ConversationChanged(Event, kw_only=True, tag="conversation.changed"):
    """Model, instructions or parameters changed, which images go with later questions, or who may read it.

    Its top bar is fetched again, and `turn.preview` asked.
    """

    conversation_id: str


class ConversationSettled(Event, kw_only=True, tag="conversation.settled"):
    """No reply of the conversation runs any more: its item in the sidebar is marked so."""

    conversation_id: str


class ConversationRemoved(Event, kw_only=True, tag="conversation.removed"):
    """The conversation was deleted."""

    conversation_id: str


class ConversationStale(Event, kw_only=True, tag="conversation.stale"):
    """The page shows another branch than the current one, or a reply as running that is not: reload it."""

    conversation_id: str


class ImageEstimate(msgspec.Struct, kw_only=True):
    """The share of an image in a request: billed tokens, and words for size, tokens and what else is known.

    `note` is a sentence about how well the model sees it, "" where nothing needs to be said. Where fine print
    would mend that, `remedy` is the label of a button that chooses it, and `remedied` says that it is chosen.
    """

    tokens: int
    size: str
    cost: str
    more: str = ""
    note: str = ""
    wants_fine_print: bool = False
    remedy: str = ""
    remedied: str = ""


class TurnPreviewed(Event, kw_only=True, tag="turn.previewed"):
    """Which images would be sent with the question that a page has asked about.

    `left_out`: for each image of the question and the newest of the branch, a sentence that says why it is
    not sent, "" where it is. `older` is that of all other images of the branch, "" where there are none.
    `note` says it of all together, "" where all are sent. `offer` is the note with a button that chooses
    another model, "" where that would not help. `estimates` is what each of these images takes, or would
    take; `tokens` and `cost` are the sum of all that are sent, as a number and in words. `canvas` is a
    sentence about the images of the question that are sent as one, "" where none are; `canvas_choice` says
    what pressing its button would change: "apart", "together", or "" where there is nothing to choose.
    `for_good` has the earlier images about which the person has decided for all later questions.
    """

    conversation_id: str
    left_out: dict[str, str]
    note: str
    older: str = ""
    offer: str = ""
    estimates: dict[str, ImageEstimate] = {}
    tokens: int = 0
    cost: str = ""
    canvas: str = ""
    canvas_choice: Literal["", "apart", "together"] = ""
    for_good: dict[str, Literal["always", "never"]] = {}


class Ping(Event, kw_only=True, tag="ping", omit_defaults=True):
    """Sent at intervals, so that proxies keep the socket open and pages notice a dead one.

    With `conversation_id` the page may have missed something of it, and watches it again.
    """

    conversation_id: str | None = None


EVENTS: dict[str, type[Event]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        RequestDone,
        Error,
        MessageCreated,
        MessageRemoved,
        FeedbackChanged,
        ReplyBlocks,
        ReplyAppend,
        ReplyThoughts,
        ReplyNote,
        ReplyPlaces,
        ReplySettled,
        ConversationUpdated,
        ConversationChanged,
        ConversationSettled,
        ConversationRemoved,
        ConversationStale,
        TurnPreviewed,
        Ping,
    )
}


def _plain_text(value: object) -> str:
    """Convert a SafeString, which the encoder does not know, to a plain `str`."""
    if isinstance(value, str):
        return "".join((value,))
    raise NotImplementedError(type(value))


_encoder = msgspec.json.Encoder(enc_hook=_plain_text)


def encode(event: Event) -> str:
    """Return the event as the text of a frame."""
    return _encoder.encode(event).decode()
