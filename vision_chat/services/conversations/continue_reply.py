"""Continue the last reply where it was cut off, stopped, interrupted or failed."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotLastReplyError
from vision_chat.models import Message
from vision_chat.services.conversations._turns import (
    NewTurn,
    announce,
    begin,
    begin_generation,
    branch_to_last_reply,
    touch,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import Turn, TurnSettings
from vision_chat.services.thoughts.division import continued


async def continue_reply(context: Context, message_id: str) -> uuid.UUID:
    """Continue reply `message_id` with another generation of the same message.

    A message that waits for the reply is sent when that is complete.
    Returns the conversation's id. Raises NotFoundError, NotLastReplyError, ReplyRunningError.
    """
    return await announce(context, await begin(context, _continue_reply, int(message_id)))


def _continue_reply(
    user: AbstractBaseUser, settings: TurnSettings, admission: Admission, message_id: int
) -> NewTurn:
    with transaction.atomic():
        conversation, branch, settings = branch_to_last_reply(user, message_id, settings)
        if not branch[-1].text:
            raise NotLastReplyError
        reply = Message.objects.prefetch_related("generations").get(pk=message_id)
        parts, thought_ms = reply.parts(), reply.thinking_ms
        generation = begin_generation(user, reply, settings, admission, part=len(parts))
        touch(conversation)
        turn = Turn(
            reply=reply,
            generation=generation,
            branch=branch,
            settings=settings,
            is_continued=True,
            parts=parts,
            divider=continued(parts),
            thought_ms=thought_ms,
        )
        return NewTurn(turn, conversation, waiting=Message.objects.waiting_for(message_id).first())
