"""Send a message that waits, without waiting any longer."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, Message
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations._turns import (
    NewTurn,
    announce,
    begin,
    broadcast_messages,
    is_running,
)
from vision_chat.services.conversations._waiting import locked_question, send_waiting
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import TurnSettings


@dataclass(frozen=True, slots=True)
class _Due:
    """The message is sent as soon as reply `reply_id` has been stopped."""

    conversation: Conversation
    reply_id: int
    waiting: Message


async def send(context: Context, message_id: str) -> uuid.UUID:
    """Send waiting message `message_id` now; a reply that runs is stopped, and its end sends it.

    Does nothing where it was sent already. Returns the conversation's id. Raises NotFoundError, and the
    TurnErrors of a new turn.
    """
    outcome = await begin(context, _send, int(message_id), context.max_images)
    if isinstance(outcome, NewTurn):
        return await announce(context, outcome)
    if isinstance(outcome, _Due):
        is_shown = outcome.conversation.leaf_id == outcome.reply_id
        views = [MessageView.of_row(outcome.waiting)] if is_shown else []
        await broadcast_messages(context, outcome.conversation, views)
        await context.stop(outcome.reply_id)
        return outcome.conversation.pk
    return outcome


def _send(
    user: AbstractBaseUser, settings: TurnSettings, door: Door, message_id: int, max_images: int
) -> NewTurn | _Due | uuid.UUID:
    with transaction.atomic():
        conversation, message = locked_question(user, message_id)
        waiting = Message.objects.waiting_for(message.parent_id).filter(pk=message_id).first()
        if waiting is None or waiting.parent_id is None:
            return conversation.pk
        if not is_running(waiting.parent_id):
            settings = settings_of(user, conversation, settings)
            return send_waiting(waiting, settings, door, max_images)
        waiting.waiting.is_due = True
        waiting.waiting.save(update_fields=["is_due"])
        return _Due(conversation, waiting.parent_id, waiting)
