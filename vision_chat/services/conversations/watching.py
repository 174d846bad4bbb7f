"""What a page is told of its conversation: what is new, and after an absence, what it missed."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.translation import get_language

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale, ConversationUpdated, Event, MessageCreated, ReplySettled
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.branches import branch
from vision_chat.models.generation import Status
from vision_chat.services.conversations.turns import Turn
from vision_chat.services.presentation import transcript
from vision_chat.services.presentation.shells import Shell, varying
from vision_chat.services.presentation.transcript import MessageView
from vision_chat.services.replies.live import LiveReply

FindLive = Callable[[int], LiveReply | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows: its last message, and how far it has which replies."""

    leaf_id: str | None
    cursors: Mapping[str, int]


def warm_up() -> None:
    """Compile the templates of a turn."""
    for name in ("_message.html", "_reply_footer.html", "_reply_actions.html", "_conversation_item.html"):
        get_template(name)


def created(turn: Turn) -> list[Event]:
    """The events that a new turn is announced with."""
    messages = [turn.question, turn.reply] if turn.question else [turn.reply]
    return [message_created(MessageView.of(message), turn.conversation.pk) for message in messages]


def message_created(view: MessageView, conversation_id: uuid.UUID) -> Event:
    return MessageCreated(
        conversation_id=str(conversation_id),
        message_id=view.id,
        parent_id=view.parent_id,
        role=view.role,
        html=transcript.message_html(view),
    )


def updated(conversation: Conversation) -> Event:
    """The conversation's item in the sidebar, as it is now."""
    return ConversationUpdated(
        conversation_id=str(conversation.pk),
        title=conversation.title,
        html=_item_shell(get_language()).filled(
            {
                "id": str(conversation.pk),
                "title": escape(conversation.title),
                "updated_stamp": conversation.updated_stamp,
            }
        ),
    )


@cache
def _item_shell(_language: str | None) -> Shell:
    conversation = {name: varying(name) for name in ("id", "title", "updated_stamp")}
    return Shell("_conversation_item.html", {"conversation": conversation})


def conversation_for(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    """Raises NotFoundError where it is not this person's."""
    conversation = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def reply_for(user: AbstractBaseUser, message_id: int) -> Message:
    """Raises NotFoundError where it is not this person's."""
    message = Message.objects.visible_to(user).filter(pk=message_id, role=Message.Role.ASSISTANT).first()
    if message is None:
        raise NotFoundError
    return message


@dataclass(frozen=True, slots=True)
class Missed:
    """What brings a page to the present state. `running` are the replies that it shows and may follow:
    of this conversation, whatever ids it has named.
    """

    events: list[Event]
    running: list[LiveReply]


def catch_up(user: AbstractBaseUser, conversation_id: uuid.UUID, seen: Seen, find_live: FindLive) -> Missed:
    """Raises NotFoundError where the conversation is not this person's."""
    conversation = conversation_for(user, conversation_id)
    path = branch(conversation.messages.with_details(), conversation.leaf_id)
    missed = _after(path, seen.leaf_id)
    if missed is None:
        return Missed([ConversationStale(conversation_id=str(conversation_id))], [])
    shown = path[: len(path) - len(missed)]
    events = [event for message in shown for event in _changes(message, seen, find_live, conversation_id)]
    events += [message_created(_view(message, find_live), conversation_id) for message in missed]
    running = [find_live(message.pk) for message in shown if str(message.pk) in seen.cursors]
    return Missed(events, [live for live in running if live is not None])


def _after(path: Sequence[Message], leaf_id: str | None) -> Sequence[Message] | None:
    """The messages after the page's last one; None where that one is not on this branch."""
    if leaf_id is None:
        return path
    ids = [str(message.pk) for message in path]
    return path[ids.index(leaf_id) + 1 :] if leaf_id in ids else None


def _changes(
    message: Message, seen: Seen, find_live: FindLive, conversation_id: uuid.UUID
) -> Iterable[Event]:
    generation, cursor = message.generation, seen.cursors.get(str(message.pk))
    if generation is None or cursor is None:
        return
    live = find_live(message.pk)
    if live is not None and cursor == live.first_revision + 1:
        # the end counts as one more: the page shows the reply as ended, and another tab has continued it
        yield message_created(_view(message, find_live), conversation_id)
    elif live is None and cursor != transcript.revision_of(message.text, generation):
        if generation.status == Status.RUNNING:
            yield message_created(_view(message, find_live), conversation_id)
        else:
            yield _settled(message, generation)


def _settled(message: Message, generation: Generation) -> Event:
    view = MessageView.of(message)
    return ReplySettled(
        message_id=view.id,
        revision=view.revision,
        count=len(view.blocks),
        blocks=[(index, 0, html) for index, html in enumerate(view.blocks)],
        status=view.status,
        html=transcript.footer_html(generation, has_text=bool(message.text)),
    )


def end_of(user: AbstractBaseUser, message_id: int) -> list[Event]:
    """How a reply ended; nothing while it runs, or where it is not this person's."""
    message = Message.objects.visible_to(user).with_details().filter(pk=message_id).first()
    if message is None or message.generation is None or message.generation.status == Status.RUNNING:
        return []
    return [_settled(message, message.generation)]


def _view(message: Message, find_live: FindLive) -> MessageView:
    """A running reply is shown as it began: following it brings the rest."""
    live = find_live(message.pk)
    return MessageView.of(message, live.text[: live.first_revision] if live else None)
