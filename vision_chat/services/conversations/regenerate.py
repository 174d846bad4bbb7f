"""Regenerate the last reply: write another reply to its question."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.services.conversations._turns import NewTurn, begin_reply, branch_to_last_reply, start
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.turn import TurnSettings


async def regenerate(context: Context, message_id: str) -> uuid.UUID:
    """Write another reply to the question of reply `message_id`, which stays as a sibling.

    Returns the conversation's id. Raises NotFoundError, NotLastReplyError, ReplyRunningError.
    """
    context.runner.refuse_while_draining()
    new = await context.on_writer(_regenerate, int(message_id), context.settings, context.runner.boot_id)
    return await start(context, new)


def _regenerate(user: AbstractBaseUser, message_id: int, settings: TurnSettings, boot_id: str) -> NewTurn:
    with transaction.atomic():
        conversation, branch = branch_to_last_reply(user, message_id)
        turn = begin_reply(user, conversation, branch[:-1], settings, boot_id)
        return NewTurn(turn, conversation)
