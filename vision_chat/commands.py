"""Commands: what pages ask on the websocket. `docs/protocol.md` explains it, and a test compares.

Frames are JSON objects with a `type` ("noun.verb"). Ids are strings. Reading is strict: an unknown
type, an unknown or missing field or a value of the wrong kind is a ProtocolError.
"""

import json
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec

from vision_chat.errors.base import ProtocolError

MAX_FRAME_BYTES = 256 * 1024
"""Larger frames close the socket: images never travel on it."""

# PostgreSQL cannot store NUL
Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z")]
MessageId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,18}\Z")]


class RegionChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rectangle in an image, in fractions of the sides of its upright original."""

    letter: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]\Z")]
    x: Annotated[float, msgspec.Meta(ge=0, lt=1)]
    y: Annotated[float, msgspec.Meta(ge=0, lt=1)]
    width: Annotated[float, msgspec.Meta(gt=0, le=1)]
    height: Annotated[float, msgspec.Meta(gt=0, le=1)]
    drawn_by: Literal["person", "model"] = "person"


class AttachmentChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an image of the question is shown to the model; `tiles` are numbers of those of its fine print."""

    image_id: UUID
    detail: Literal["fit", "low", "fine"] = "fit"
    tiles: list[Annotated[int, msgspec.Meta(ge=0, lt=1000)]] | None = None
    regions: list[RegionChoice] = []


class ImageChoices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's choices about the images of a question, and about earlier ones for this question.

    Images without an entry are shown whole, and go by the rule.
    """

    attachments: list[AttachmentChoice] = []
    has_canvas: bool = True
    earlier_images: dict[UUID, Literal["always", "never"]] = {}


NO_CHOICES: Final = ImageChoices()


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A request of a page. Its answer, `request.done` or `error`, repeats `request_id`."""

    request_id: Text


class QuestionCommand(Command, frozen=True, kw_only=True):
    """A command with a question. `choices` are those about its images."""

    text: Text
    image_ids: list[UUID]
    choices: ImageChoices = NO_CHOICES


class TurnSubmit(QuestionCommand, frozen=True, kw_only=True, tag="turn.submit"):
    """Ask a question. The same `client_id` again is the same turn, not a second one."""

    conversation_id: UUID
    client_id: UUID


class TurnSend(Command, frozen=True, kw_only=True, tag="turn.send"):
    """Send waiting message `message_id` now; a reply that runs is stopped. Sending twice is no error."""

    message_id: MessageId


class TurnRegenerate(Command, frozen=True, kw_only=True, tag="turn.regenerate"):
    """Answer the question of reply `message_id`, or question `message_id`, once more.

    Model and parameters are those of this turn alone; null leaves them to the conversation. The same
    `client_id` again is the same reply.
    """

    message_id: MessageId
    client_id: UUID | None = None
    language_model_id: int | None = None
    parameters: dict[Text, Any] | None = None


class TurnEdit(QuestionCommand, frozen=True, kw_only=True, tag="turn.edit"):
    """Ask another question beside question `message_id`. The same `client_id` again is the same turn."""

    message_id: MessageId
    client_id: UUID


class TurnContinue(Command, frozen=True, kw_only=True, tag="turn.continue"):
    """Go on with reply `message_id` where it was cut off, stopped, interrupted or failed.

    Where something follows it, a sibling does that begins with its text.
    """

    message_id: MessageId


class TurnPreview(QuestionCommand, frozen=True, kw_only=True, tag="turn.preview"):
    """Ask which images would be sent if this was submitted now. The answer is `turn.previewed`."""

    conversation_id: UUID


class GenerationStop(Command, frozen=True, kw_only=True, tag="generation.stop"):
    """Stop reply `message_id`, at the endpoint too. Stopping twice is no error."""

    message_id: MessageId


class ConversationWatch(Command, frozen=True, kw_only=True, tag="conversation.watch"):
    """Follow a conversation. `leaf_id` is the last message shown, `cursors` the revision of each reply.

    `tree_revision` is that of the page's thread; null where it shows no siblings. `revision` is that which
    came with the answer to the last watch, if any: a page whose conversation still has it lacks nothing.
    """

    conversation_id: UUID
    leaf_id: Text | None
    cursors: dict[Text, int]
    tree_revision: int | None = None
    revision: Text | None = None


COMMANDS: dict[str, type[Command]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        TurnSubmit,
        TurnPreview,
        TurnSend,
        TurnEdit,
        TurnRegenerate,
        TurnContinue,
        GenerationStop,
        ConversationWatch,
    )
}
_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(
    TurnSubmit
    | TurnPreview
    | TurnSend
    | TurnEdit
    | TurnRegenerate
    | TurnContinue
    | GenerationStop
    | ConversationWatch
)


def parse(frame: str) -> Command:
    """Read one frame from a page. Raises ProtocolError, with the frame's `request_id` where readable."""
    try:
        return _decoder.decode(frame)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        refusal = ProtocolError(problem=f"{error}"[:300])
        refusal.request_id = _request_id_in(frame)
        raise refusal from None


def _request_id_in(frame: str) -> str | None:
    """Read the id with the standard library, which also accepts lone surrogates."""
    try:
        request_id = json.loads(frame)["request_id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return request_id if isinstance(request_id, str) and request_id.isprintable() else None
