"""Regenerate a reply: write another one to its question."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, Message
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._overrides import Overrides, overridden_settings
from vision_chat.services.conversations._questions import known
from vision_chat.services.conversations._turns import (
    Known,
    NewTurn,
    announce,
    begin,
    begin_reply,
    is_on_shown_branch,
    is_running,
    locked_message,
    refuse_emptied,
    show,
    touch,
)
from vision_chat.services.conversations._waiting import move_waiting
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.parameter_changes import checked
from vision_chat.services.json_schemas.turns import in_turn
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import TurnSettings


async def regenerate(
    context: Context,
    message_id: str,
    client_id: uuid.UUID | None = None,
    language_model_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """Write another reply to the question of reply `message_id`, which stays as a sibling and runs on.

    `message_id` may be the question itself. Model and parameters, where they are given, are those of this
    turn alone. The same `client_id` again is the same reply. A message that waits for a reply which has ended
    waits for the new one then. Returns the conversation's id. Raises TurnErrors, ParameterError
    and SchemaError.
    """
    if parameters:
        _, errors = await in_turn(context.caller.person_id, checked, parameters)
        for error in errors.values():
            raise error
    request = _Request(int(message_id), client_id, Overrides(language_model_id, parameters))
    return await announce(context, await begin(context, _regenerate, request))


@dataclass(frozen=True, slots=True)
class _Request:
    message_id: int
    client_id: uuid.UUID | None
    overrides: Overrides


def _regenerate(
    user: AbstractBaseUser, settings: TurnSettings, door: Door, request: _Request
) -> NewTurn | Known:
    message_id, client_id = request.message_id, request.client_id
    with transaction.atomic():
        conversation, message = locked_message(user, message_id)
        if client_id is not None and (earlier := _earlier(conversation, client_id)):
            return earlier
        question_id = message.pk if message.role == Message.Role.USER else message.parent_id
        refuse_emptied(question_id)
        settings = overridden_settings(user, conversation, settings, request.overrides)
        branch = branch_for_prompt(question_id, settings.endpoint.rules)
        turn = begin_reply(user, conversation, branch, settings, door)
        Message.objects.filter(pk=turn.reply.pk).update(client_id=client_id)
        touch(conversation, new=1)
        show(conversation, turn.reply.pk, outdates_pages=True)
        # while its reply runs a message waits for that, and for no other
        waiting = None if is_running(message_id) else move_waiting(message_id, turn.reply)
        siblings = Message.objects.siblings_of([turn.reply.pk])
        return NewTurn(turn, conversation, waiting=waiting, siblings=siblings)


def _earlier(conversation: Conversation, client_id: uuid.UUID) -> Known | None:
    """Return the reply of an earlier command with this id."""
    replies = Message.objects.filter(author=None, client_id=client_id, conversation=conversation)
    reply = replies.first()
    if reply is None:
        return None
    return known(conversation, [reply.pk] if is_on_shown_branch(conversation, reply.pk) else [])
