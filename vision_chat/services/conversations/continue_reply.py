"""Continue a reply where it was cut off, stopped, interrupted or failed."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError, NothingToContinueError
from vision_chat.models import Conversation, Message
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._copies import copy_contents
from vision_chat.services.conversations._rest import rest_of
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
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Turn, TurnSettings
from vision_chat.services.thoughts.division import continued


async def continue_reply(context: Context, message_id: str) -> uuid.UUID:
    """Continue reply `message_id` with another generation.

    It is one of the same message where nothing follows that, else of a sibling that begins with its text. A
    message that waits for the reply is sent when that is complete. Returns the conversation's id. Raises
    NotFoundError, ReplyRunningError, NothingToContinueError.
    """
    return await announce(context, await begin(context, _continue_reply, int(message_id)))


def _continue_reply(user: AbstractBaseUser, settings: TurnSettings, door: Door, message_id: int) -> NewTurn:
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
        branch = branch_for_prompt(reply.pk, settings.endpoint.rules)
        rest = rest_of(reply, reply.generation, branch, settings.endpoint.rules)
        parts, thought_ms = reply.parts(), reply.thinking_ms
        place = InReply(part=len(parts), tile=rest.tile)
        generation = begin_generation(user, reply, settings, door, place)
        touch(conversation, new=1 if has_children else 0)
        show(conversation, reply.pk, outdates_pages=True)
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
