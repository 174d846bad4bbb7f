"""Regenerate the last reply: write another reply to its question."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.services.conversations._turns import (
    NewTurn,
    announce,
    begin,
    begin_reply,
    branch_to_last_reply,
)
from vision_chat.services.conversations._waiting import move
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import TurnSettings


async def regenerate(context: Context, message_id: str) -> uuid.UUID:
    """Write another reply to the question of reply `message_id`, which stays as a sibling.

    A message that waits for the reply waits for the new one then.
    Returns the conversation's id. Raises NotFoundError, NotLastReplyError, ReplyRunningError.
    """
    return await announce(context, await begin(context, _regenerate, int(message_id)))


def _regenerate(
    user: AbstractBaseUser, settings: TurnSettings, admission: Admission, message_id: int
) -> NewTurn:
    with transaction.atomic():
        conversation, branch, settings = branch_to_last_reply(user, message_id, settings)
        turn = begin_reply(user, conversation, branch[:-1], settings, admission)
        return NewTurn(turn, conversation, waiting=move(message_id, turn.reply))
