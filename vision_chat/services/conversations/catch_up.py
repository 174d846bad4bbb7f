"""Catch up: bring a page that opens a conversation, or reconnects, up to date."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale, Event
from vision_chat.models import Conversation, Message, branches
from vision_chat.models.generation import Status
from vision_chat.services.conversations._turns import FindLive, view_at_start
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.messages import MessageView, message_created, revision_of
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply


@dataclass(frozen=True, slots=True)
class Missed:
    """Events that a page has missed, and replies that it follows from now on, each from a cursor."""

    events: list[Event]
    followed: list[tuple[LiveReply, Cursor]]


async def catch_up(
    context: Context, conversation_id: uuid.UUID, leaf_id: str | None, cursors: Mapping[str, int]
) -> Missed:
    """Return what a page has missed that shows the branch to `leaf_id`, and its replies up to `cursors`.

    `cursors` maps ids of messages to the revisions that the page shows. Raises NotFoundError.
    """
    return await context.on_writer(_catch_up, conversation_id, leaf_id, cursors, context.runner.live)


def _catch_up(
    user: AbstractBaseUser,
    conversation_id: uuid.UUID,
    leaf_id: str | None,
    cursors: Mapping[str, int],
    find_live: FindLive,
) -> Missed:
    conversation = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    branch = branches.branch(conversation.messages.with_details(), conversation.leaf_id)
    new = _after(branch, leaf_id)
    if new is None:
        return Missed([ConversationStale(conversation_id=str(conversation_id))], [])
    missed = Missed([], [])
    for message in branch[: len(branch) - len(new)]:
        if (revision := cursors.get(str(message.pk))) is not None:
            _update(missed, message, revision, find_live(message.pk))
    for message in new:
        _create(missed, message, find_live(message.pk))
    return missed


def _after(branch: Sequence[Message], leaf_id: str | None) -> Sequence[Message] | None:
    """Return the messages after the page's last one; None where that is not on the current branch."""
    if leaf_id is None:
        return branch
    ids = [str(message.pk) for message in branch]
    return branch[ids.index(leaf_id) + 1 :] if leaf_id in ids else None


def _update(missed: Missed, message: Message, revision: int, live: LiveReply | None) -> None:
    """Update a reply that the page shows: from memory while it is there, else from its row."""
    if live is None:
        if revision != revision_of(message.length, message.generation) or _may_end_otherwise(message):
            missed.events.append(message_created(message.conversation_id, MessageView.of_row(message)))
    elif live.first_revision > 0:
        # a page may show the end of what was continued since, or words that a crash has lost before that
        _create(missed, message, live)
    elif live.end is None or revision != live.last_revision:
        missed.followed.append((live, Cursor.at(revision)))


def _may_end_otherwise(message: Message) -> bool:
    """Return whether a page that shows this revision may show another end of the reply.

    A continuation may have added nothing but a new end; and a process that died may have lost one character,
    where the end now counts as one more.
    """
    generation = message.generation
    return generation is not None and (generation.part > 0 or generation.status == Status.INTERRUPTED)


def _create(missed: Missed, message: Message, live: LiveReply | None) -> None:
    """Send a message that the page does not show, or shows in an old state; follow it where it runs."""
    missed.events.append(message_created(message.conversation_id, view_at_start(message, live)))
    if live is not None and message.generation is not None and message.generation.status == Status.RUNNING:
        missed.followed.append((live, Cursor.at(live.first_revision)))
