"""The transcript on the page of an item: what the owner sees, with what the reviewer has written at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import User

from vision_chat.admin.conversations.transcripts import Entry, Instructions, transcript_of
from vision_chat.admin.items.written import BoxView, Notes, OthersBoxes, OthersNotes
from vision_chat.models import Conversation, Message, ReviewItem
from vision_chat.models.generation import Status
from vision_chat.services.presentation.images import ImageView
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.review_queues.blindness import blind_id_of
from vision_chat.services.reviews.moderation import moderation_of
from vision_chat.services.reviews.word_diff import Piece


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture that can be marked, with the boxes of the reviewer, and those of others that they may see."""

    image: ImageView
    boxes: list[BoxView]
    others: list[OthersBoxes]


@dataclass(frozen=True, slots=True)
class NotedMessage:
    """A message with what the reviewer has written at it."""

    message: MessageView
    labels: list[str] = field(default_factory=list)
    note: str = ""
    pictures: list[PictureView] = field(default_factory=list)
    changes: list[Piece] = field(default_factory=list)
    """What their correction changes, word by word; nothing without one."""
    others: list[OthersNotes] = field(default_factory=list)
    """What others have written at it, whose verdicts the reader may see."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """A message that the owner sees, and what it has replaced."""

    noted: NotedMessage
    replaced: list[NotedMessage]
    sibling_count: int
    begins_later: bool
    """True for the first message that came after what the item covers."""
    is_asked_about: bool
    """True for the answer that the item is about, where that is a single one."""


@dataclass(frozen=True, slots=True)
class ItemTranscript:
    """The transcript of an item's conversation, for somebody who may write at it."""

    instructions: list[Instructions]
    entries: list[ItemEntry]
    model_names: list[str]
    is_running: bool
    version: str
    """Another one whenever the conversation has changed. While it runs it changes without."""


def item_transcript(item: ReviewItem, reader: User) -> ItemTranscript:
    """Read what somebody may read of an item that has its conversation, in a fixed number of queries."""
    assert item.conversation is not None
    moderation = moderation_of(item.conversation, blind_id_of(reader), item)
    transcript = transcript_of(item.conversation, moderation)
    entries = _readable(transcript.entries, reader, item.conversation)
    shown = [view for entry in entries for view in (entry.message, *entry.replaced)]
    notes = Notes.of(item, reader, [int(view.id) for view in shown])
    later = [entry for entry in entries if int(entry.message.id) > item.through_message_id]
    return ItemTranscript(
        instructions=transcript.instructions,
        entries=[
            ItemEntry(
                noted=_noted(notes, entry.message),
                replaced=[_noted(notes, view) for view in entry.replaced],
                sibling_count=entry.sibling_count,
                begins_later=entry in later[:1],
                is_asked_about=item.message_id is not None and entry.message.id == str(item.message_id),
            )
            for entry in entries
        ],
        model_names=transcript.model_names,
        is_running=any(view.status == Status.RUNNING for view in shown),
        version=version_of(item.conversation),
    )


def _readable(entries: Sequence[Entry], reader: User, conversation: Conversation) -> list[Entry]:
    """Return the messages that the reader may read; of those beside them as many are counted."""
    messages = Message.objects.filter(conversation=conversation).reviewable_by(reader)
    readable = {str(pk) for pk in messages.values_list("pk", flat=True)}
    found = []
    for entry in entries:
        if entry.message.id in readable:
            replaced = [view for view in entry.replaced if view.id in readable]
            count = min(entry.sibling_count, len(replaced))
            found.append(replace(entry, replaced=replaced, sibling_count=count))
    return found


def version_of(conversation: Conversation) -> str:
    """Return what tells a state of the conversation from the one before."""
    return f"{conversation.updated_stamp}-{conversation.tree_revision}-{conversation.leaf_id}"


def _noted(notes: Notes, view: MessageView) -> NotedMessage:
    pk = int(view.id)
    own = notes.own(pk)
    images = [*view.images, *(view.footer.images if view.footer else ())]
    return NotedMessage(
        message=view,
        labels=own.labels,
        note=own.note,
        pictures=[
            PictureView(image, notes.own_boxes(pk, image.id), notes.others_boxes(pk, image.id))
            for image in images
        ],
        changes=own.changes,
        others=notes.others(pk),
    )
