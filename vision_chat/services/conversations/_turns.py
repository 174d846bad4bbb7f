"""The shared part of use-cases that begin a reply: rows, start, events."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError, NotLastReplyError, ReplyRunningError
from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    Message,
    MessageImage,
    UploadedImage,
    branches,
)
from vision_chat.models.generation import Status
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.messages import MessageView, message_created
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.turn import PromptMessage, Turn, TurnSettings
from vision_chat.services.thoughts.division import Written, divide
from vision_chat.services.vision.family import family_of

FindLive = Callable[[int], LiveReply | None]


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn whose rows are written. `question` and `images` are the person's new message, if any."""

    turn: Turn
    conversation: Conversation
    question: Message | None = None
    images: Sequence[UploadedImage] = ()


async def start(context: Context, new: NewTurn) -> uuid.UUID:
    """Start the reply and broadcast its messages. Returns the conversation's id.

    The reply is started first, so that the request is sent before anything is rendered.
    """
    context.runner.start(new.turn)
    turn = new.turn
    views = [MessageView.of(turn.reply, (), turn.generation, turn.parts, turn.thought_ms)]
    if new.question is not None:
        views.insert(0, MessageView.of(new.question, new.images, generation=None))
    await broadcast_messages(context, new.conversation, views)
    return new.conversation.pk


async def broadcast_messages(
    context: Context, conversation: Conversation, views: Iterable[MessageView]
) -> None:
    """Broadcast that messages were created, and that the conversation moves to the top of the list."""
    created = [message_created(conversation.pk, view) for view in views]
    await context.broadcast(conversation.owner_id, *created, conversation_updated(conversation))


def view_at_start(message: Message, live: LiveReply | None) -> MessageView:
    """View a row of `with_details()`; a running reply as it began, because following it sends the rest."""
    if live is None or message.generation is None or message.generation.status != Status.RUNNING:
        return MessageView.of_row(message)
    return MessageView.of_row(message, Written(live.first_text, "", None))


def settled_branch(conversation: Conversation) -> list[PromptMessage]:
    """Return the current branch. Raises ReplyRunningError while its last reply runs."""
    if Generation.objects.running().filter(message=conversation.leaf_id).exists():
        raise ReplyRunningError
    images = defaultdict(list)
    attachments = MessageImage.objects.filter(message__conversation=conversation).select_related("image")
    for attachment in attachments:
        images[attachment.message_id].append(attachment.image)
    return [
        PromptMessage(message.pk, message.role, answer_of(message), images[message.pk])
        for message in branches.branch(
            conversation.messages.prefetch_related("generations"), conversation.leaf_id
        )
    ]


def answer_of(message: Message) -> str:
    """Return what a prompt has of a message: of a reply the answer alone, without its thoughts."""
    return message.text if message.role == Message.Role.USER else divide(message.parts()).answer


def branch_to_last_reply(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, list[PromptMessage]]:
    """Lock the conversation and return its branch, which ends with the reply. Raises TurnErrors."""
    visible = Conversation.objects.visible_to(user).select_for_update()
    conversation = visible.filter(messages=message_id).first()
    if conversation is None:
        raise NotFoundError
    branch = settled_branch(conversation)
    if not branch or branch[-1].message_id != message_id or branch[-1].role != Message.Role.ASSISTANT:
        raise NotLastReplyError
    return conversation, branch


def begin_reply(
    user: AbstractBaseUser,
    conversation: Conversation,
    branch: list[PromptMessage],
    settings: TurnSettings,
    boot_id: str,
) -> Turn:
    """Create the rows of a reply to the last message of `branch`, and make it the leaf."""
    reply = Message.objects.create(
        conversation=conversation, parent_id=branch[-1].message_id, role=Message.Role.ASSISTANT
    )
    generation = begin_generation(user, reply, settings, boot_id)
    conversation.leaf = reply
    touch(conversation)
    return Turn(reply=reply, generation=generation, branch=branch, settings=settings)


def begin_generation(
    user: AbstractBaseUser, reply: Message, settings: TurnSettings, boot_id: str, part: int = 0
) -> Generation:
    """Create the rows of a generation and its completion, with the settings of the turn."""
    completion = Completion.objects.create(
        conversation_id=reply.conversation_id,
        person_id=user.pk,
        endpoint=settings.endpoint.base_url,
        model_name=settings.endpoint.model_name,
        family=family_of(settings.endpoint.model_name).id,
        parameters=settings.parameters.to_json(),
        request_id=uuid.uuid4().hex,
    )
    return Generation.objects.create(
        message=reply, completion=completion, boot_id=boot_id, part=part, starts_at=len(reply.text)
    )


def touch(conversation: Conversation) -> None:
    """Save the leaf, and move the conversation to the top of the list."""
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["leaf", "updated_at"])
