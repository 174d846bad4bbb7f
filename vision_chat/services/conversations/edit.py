"""Edit a question: ask another one beside it, which begins a branch of its own."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._questions import (
    add_question,
    images_for,
    keep_inclusions,
    known_question,
)
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations._turns import (
    Known,
    NewTurn,
    announce,
    begin,
    begin_reply,
    locked_message,
    show,
    touch,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.question import Question, checked
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Attached, TurnSettings


async def edit(context: Context, message_id: str, question: Question) -> uuid.UUID:
    """Ask a question beside question `message_id`, which stays with all that follows it, and runs on.

    The same `client_id` again is the same question. Images may be those of the one that is edited, which
    keeps them. Returns the conversation's id. Raises TurnErrors.
    """
    question = checked(question, context.max_images)
    return await announce(context, await begin(context, _edit, int(message_id), question))


def _edit(
    user: AbstractBaseUser,
    settings: TurnSettings,
    door: Door,
    message_id: int,
    question: Question,
) -> NewTurn | Known:
    try:
        with transaction.atomic():
            return _begin(user, settings, door, message_id, question)
    except IntegrityError:
        if earlier := known_question(user, question.client_id):
            return earlier
        raise


def _begin(
    user: AbstractBaseUser,
    settings: TurnSettings,
    door: Door,
    message_id: int,
    question: Question,
) -> NewTurn:
    conversation, before = locked_message(user, message_id)
    if before.role != Message.Role.USER:
        raise NotFoundError
    images = images_for(user, question)
    settings = settings_of(user, conversation, settings)
    branch = branch_for_prompt(before.parent_id, settings.endpoint.rules)
    message, attachments = add_question(user, conversation, before.parent_id, question, images)
    keep_inclusions(attachments, before)
    attached = [Attached.of(attachment) for attachment in attachments]
    branch.append(question.as_prompted(message.pk, attached))
    turn = begin_reply(user, conversation, branch, settings, door)
    touch(conversation, new=2, attachments=attachments)
    show(conversation, turn.reply.pk, outdates_pages=True)
    siblings = Message.objects.siblings_of([message.pk])
    return NewTurn(turn, conversation, message, attachments, siblings=siblings)
