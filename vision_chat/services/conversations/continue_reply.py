"""Continue a reply where it was cut off, stopped, interrupted or failed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError, NothingToContinueError
from vision_chat.models import Conversation, Message
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._copies import copy_contents
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations._turns import (
    InReply,
    NewTurn,
    announce,
    begin,
    begin_generation,
    locked_message,
    refuse_emptied,
    refuse_running,
    show,
    touch,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import PartToAsk, PromptMessage, Turn, TurnSettings
from vision_chat.services.thoughts.division import continued


async def continue_reply(context: Context, message_id: str) -> uuid.UUID:
    """Continue reply `message_id` with another generation.

    It is one of the same message where nothing follows that, else of a sibling that begins with its text. A
    message that waits for the reply is sent when that is complete. Returns the conversation's id. Raises
    NotFoundError, ReplyRunningError, NothingToContinueError.
    """
    return await announce(context, await begin(context, _continue_reply, int(message_id)))


def _continue_reply(
    user: AbstractBaseUser, settings: TurnSettings, admission: Admission, message_id: int
) -> NewTurn:
    with transaction.atomic():
        conversation, message = locked_message(user, message_id)
        if message.role != Message.Role.ASSISTANT:
            raise NotFoundError
        refuse_running(message_id)
        if not message.text:
            raise NothingToContinueError
        refuse_emptied(message.parent_id)
        settings = settings_of(user, conversation, settings)
        # also messages that were deleted: restored, they are to follow what they followed
        has_children = message.children.filter(state=Message.State.SENT).exists()
        reply = _sibling_of(conversation, message_id) if has_children else message
        rest = _rest_of(reply, branch_for_prompt(reply.pk, settings.endpoint.rules), settings)
        parts, thought_ms = reply.parts(), reply.thinking_ms
        place = InReply(part=len(parts), tile=rest.tile)
        generation = begin_generation(user, reply, settings, admission, place)
        touch(conversation, new=1 if has_children else 0)
        show(conversation, reply.pk, has_new_siblings=has_children)
        turn = Turn(
            reply=reply,
            generation=generation,
            branch=rest.branch,
            settings=settings,
            is_continued=rest.is_continued,
            parts=parts,
            divider=continued(parts),
            thought_ms=thought_ms,
            to_ask=rest.to_ask,
        )
        return NewTurn(
            turn,
            conversation,
            waiting=Message.objects.waiting_for(reply.pk).first(),
            siblings=Message.objects.siblings_of([reply.pk]),
        )


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a reply lacks: the request that goes on with it, and the parts to ask about after that."""

    branch: Sequence[PromptMessage]
    is_continued: bool = True
    tile: int | None = None
    to_ask: Sequence[PartToAsk] = ()


def _rest_of(reply: Message, branch: Sequence[PromptMessage], settings: TurnSettings) -> _Rest:
    """Return what a reply lacks that was cut short in one of the parts, or in the only one.

    A part of which nothing came is asked about anew.
    """
    latest = reply.generation
    parts = parts_to_ask(branch[:-1], settings.endpoint.rules) if latest and latest.tile is not None else []
    index = next((index for index, part in enumerate(parts) if latest and part.tile == latest.tile), None)
    if latest is None or index is None:  # none, or parts of another model
        return _Rest(branch)
    part, to_ask = parts[index], parts[index + 1 :]
    is_empty = not (latest.thoughts or reply.text[latest.starts_at :].strip())
    of_part = part.branch if is_empty else [*part.branch, branch[-1]]
    return _Rest(of_part, is_continued=not is_empty, tile=part.tile, to_ask=to_ask)


def _sibling_of(conversation: Conversation, message_id: int) -> Message:
    """Create a reply that has all that this one has, and nothing below it."""
    original = Message.objects.with_details(with_requests=True).get(pk=message_id)
    reply = Message.objects.create(
        conversation=conversation,
        parent_id=original.parent_id,
        role=original.role,
        text=original.text,
        deleted_images=original.deleted_images,
    )
    copy_contents([(original, reply)])
    return reply
