"""The rows of a new turn, and the way from there to a running reply."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError, NotLastReplyError, ReplyRunningError
from vision_chat.models import Completion, Conversation, Generation, Message, MessageImage, UploadedImage
from vision_chat.models.branches import branch
from vision_chat.models.generation import Status
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.messages import MessageView, message_created
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.turn import PromptMessage, Turn, TurnSettings
from vision_chat.services.vision.family import family_of

FindLive = Callable[[int], LiveReply | None]


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn whose rows are written. `question` and `images` are the person's new message, if any."""

    turn: Turn
    conversation: Conversation
    question: Message | None = None
    images: Sequence[UploadedImage] = ()


async def start(context: Context, begun: Begun) -> uuid.UUID:
    """Start the reply, then announce it: the request leaves before anything is rendered.

    Returns the conversation's id.
    """
    context.runner.start(begun.turn)
    views = [MessageView.of(begun.turn.reply, images=(), generation=begun.turn.generation)]
    if begun.question is not None:
        views.insert(0, MessageView.of(begun.question, begun.images, generation=None))
    await announce(context, begun.conversation, views)
    return begun.conversation.pk


async def announce(context: Context, conversation: Conversation, views: Iterable[MessageView]) -> None:
    """Broadcast messages that were created, and the conversation's new place in the list."""
    created = [message_created(conversation.pk, view) for view in views]
    await context.broadcast(conversation.owner_id, *created, conversation_updated(conversation))


def as_begun(message: Message, live: LiveReply | None) -> MessageView:
    """View a row of `with_details()`; a running reply as it began, for following it brings the rest."""
    if live is None or message.generation is None or message.generation.status != Status.RUNNING:
        return MessageView.of_row(message)
    return MessageView.of_row(message, live.text[: live.first_revision])


def settled_branch(conversation: Conversation) -> list[PromptMessage]:
    """Return the current branch. Raises ReplyRunningError while its last reply runs."""
    if Generation.objects.running().filter(message=conversation.leaf_id).exists():
        raise ReplyRunningError
    images = defaultdict(list)
    attachments = MessageImage.objects.filter(message__conversation=conversation).select_related("image")
    for attachment in attachments:
        images[attachment.message_id].append(attachment.image)
    return [
        PromptMessage(message.pk, message.role, message.text, images[message.pk])
        for message in branch(conversation.messages.all(), conversation.leaf_id)
    ]


def branch_to_last_reply(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, list[PromptMessage]]:
    """Lock the conversation and return its branch, which ends with the reply. Raises TurnErrors."""
    visible = Conversation.objects.visible_to(user).select_for_update()
    conversation = visible.filter(messages=message_id).first()
    if conversation is None:
        raise NotFoundError
    path = settled_branch(conversation)
    if not path or path[-1].message_id != message_id or path[-1].role != Message.Role.ASSISTANT:
        raise NotLastReplyError
    return conversation, path


def begin_reply(
    user: AbstractBaseUser,
    conversation: Conversation,
    path: list[PromptMessage],
    settings: TurnSettings,
    boot_id: str,
) -> Turn:
    """Write the row of a reply to the last message of `path`, and make it the leaf."""
    reply = Message.objects.create(
        conversation=conversation, parent_id=path[-1].message_id, role=Message.Role.ASSISTANT
    )
    generation = begin_generation(user, reply, settings, boot_id)
    conversation.leaf = reply
    touch(conversation)
    return Turn(reply=reply, generation=generation, branch=path, settings=settings)


def begin_generation(
    user: AbstractBaseUser, reply: Message, settings: TurnSettings, boot_id: str, part: int = 0
) -> Generation:
    completion = Completion.objects.create(
        conversation_id=reply.conversation_id,
        person_id=user.pk,
        endpoint=settings.endpoint.base_url,
        model_name=settings.endpoint.model_name,
        family=family_of(settings.endpoint.model_name).id,
        parameters=settings.parameters.to_json(),
        request_id=uuid.uuid4().hex,
    )
    return Generation.objects.create(message=reply, completion=completion, boot_id=boot_id, part=part)


def touch(conversation: Conversation) -> None:
    """Save the leaf, and put the conversation at the top of the list."""
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["leaf", "updated_at"])
