"""Messages that wait for a reply to end: how one begins to wait, moves to another reply, and is sent."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from vision_chat.errors.base import ParameterError
from vision_chat.errors.turns import ModelReplacedError, NotFoundError
from vision_chat.models import Conversation, Habit, Message, WaitingMessage
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._copies import copy_contents
from vision_chat.services.conversations._limits import check_text_and_images
from vision_chat.services.conversations._turns import (
    NewTurn,
    begin_reply,
    locked_conversation,
    refuse_running,
    show_next,
    touch,
)
from vision_chat.services.figures import kept as figures
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Attached, PromptMessage, TurnSettings
from vision_chat.services.request_ids import current
from vision_chat.services.search.index import index_messages


def frozen(settings: TurnSettings) -> dict[str, Any]:
    """Return what is kept of the settings; key and rules are those of the endpoint when it is sent.

    Kept beside them is the id of the request, which that to the endpoint begins with.
    """
    return {
        "language_model_id": settings.language_model_id,
        "model_name": settings.endpoint.model_name,
        "parameters": settings.parameters.to_json(),
        "system_prompt": settings.system_prompt,
        "request_id": current().request_id,
    }


def thawed(owner: AbstractBaseUser, kept: dict[str, Any], defaults: TurnSettings) -> TurnSettings:
    """Return the settings that `frozen` kept. Raises ModelReplacedError where they cannot be had any more.

    Rows that were written before there were language models have no `language_model_id`.
    """
    row = chosen_model(owner, kept.get("language_model_id"))
    endpoint = endpoint_for(row, defaults.endpoint)
    if kept["model_name"] != endpoint.model_name:
        raise ModelReplacedError(name=endpoint.model_name)
    try:
        parameters = Parameters.from_json(kept["parameters"])
    except ParameterError as error:
        raise ModelReplacedError(name=endpoint.model_name) from error
    return replace(
        defaults,
        language_model_id=kept.get("language_model_id"),
        endpoint=Habit.objects.amended(endpoint),
        parameters=parameters,
        system_prompt=kept["system_prompt"],
    )


def locked_question(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, Message]:
    """Lock the conversation of a message that the person wrote, and return both. Raises NotFoundError."""
    conversation = locked_conversation(user, message_id)
    message = conversation.messages.filter(role=Message.Role.USER, deleted_at=None, pk=message_id).first()
    if message is None:
        raise NotFoundError
    return conversation, message


def move_waiting(before: int, reply: Message) -> Message | None:
    """Let the message that waits for reply `before` wait for this one, which takes its place.

    It becomes a newer row, because a message is newer than the one that it follows.
    """
    waiting = Message.objects.waiting_for(before).first()
    if waiting is None:
        return None
    moved = Message.objects.create(
        conversation_id=reply.conversation_id,
        parent=reply,
        role=Message.Role.USER,
        state=Message.State.WAITING,
        text=waiting.text,
        author_id=waiting.author_id,
        created_at=waiting.created_at,
        deleted_images=waiting.deleted_images,
        has_canvas=waiting.has_canvas,
        earlier_images=waiting.earlier_images,
    )
    copy_contents([(waiting, moved)])
    WaitingMessage.objects.create(message=moved, settings=waiting.waiting.settings)
    moved.client_id = waiting.client_id
    waiting.delete()
    moved.save(update_fields=["client_id"])  # of which there is one at a time
    return Message.objects.waiting_for(reply.pk).first()


def send_waiting(waiting: Message, settings: TurnSettings, door: Door, max_images: int) -> NewTurn:
    """Send a message whose reply has ended: write the rows of its turn, on the branch of that reply.

    Another branch that is shown goes on being shown. Raises TurnErrors.

    Called in a transaction that holds the conversation. Of several that send it, the first one does.
    """
    conversation, attachments = waiting.conversation, list(waiting.attachments.all())
    check_text_and_images(waiting.text, len(attachments), max_images)
    now = timezone.now()
    still_waits = Message.objects.filter(pk=waiting.pk, state=Message.State.WAITING)
    if not still_waits.update(state=Message.State.SENT, created_at=now):
        raise NotFoundError
    WaitingMessage.objects.filter(message=waiting.pk).delete()
    waiting.state, waiting.created_at = Message.State.SENT, now
    index_messages([waiting.pk])
    refuse_running(waiting.parent_id)
    branch = branch_for_prompt(waiting.parent_id, settings.endpoint.rules)
    attached = [Attached.of(attachment) for attachment in attachments]
    branch.append(PromptMessage.of(waiting, waiting.text, attached))
    is_shown = waiting.parent_id == conversation.leaf_id
    show_next(waiting.parent_id, waiting)
    turn = begin_reply(conversation.owner, conversation, branch, settings, door)
    touch(conversation, turn.reply if is_shown else None, new=2)
    if attachments:
        figures.update(conversation.pk)  # another branch may have shown pictures while this one waited
    return NewTurn(turn, conversation, waiting, attachments, is_shown=is_shown)
