"""Submit a question: save it, and start its reply; while a reply runs it waits for the end of that."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from vision_chat.errors.turns import (
    ImageGoneError,
    MessageWaitsError,
    ReplyRunningError,
)
from vision_chat.models import (
    Conversation,
    Message,
    MessageImage,
    UploadedImage,
    WaitingMessage,
)
from vision_chat.services.conversations._limits import check_question
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations._titles import title_for
from vision_chat.services.conversations._turns import (
    NewTurn,
    announce,
    begin,
    begin_reply,
    broadcast_messages,
    is_running,
    refuse_beyond_limits,
    settled_branch,
    view_at_start,
)
from vision_chat.services.conversations._waiting import frozen
from vision_chat.services.conversations.beginnings import unsaved
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import PromptMessage, TurnSettings
from vision_chat.services.search.index import index_messages, index_title


@dataclass(frozen=True, slots=True)
class _Question:
    conversation_id: uuid.UUID
    client_id: uuid.UUID
    text: str
    image_ids: Sequence[uuid.UUID]


async def submit(
    context: Context,
    conversation_id: uuid.UUID,
    client_id: uuid.UUID,
    text: str,
    image_ids: Sequence[uuid.UUID],
) -> uuid.UUID:
    """Add a question to a conversation, which is created where it is new. Returns the conversation's id.

    While the conversation's reply runs the question waits for its end. The same `client_id` again is the same
    question: its messages are broadcast once more, and nothing is created. Raises TurnErrors.
    """
    question = _Question(conversation_id, client_id, text.strip(), image_ids)
    check_question(question.text, len(question.image_ids), context.max_images)
    outcome = await begin(context, _submit, question)
    if isinstance(outcome, NewTurn):
        return await announce(context, outcome)
    views = [view_at_start(message, context.runner.live(message.pk)) for message in outcome.messages]
    await broadcast_messages(context, outcome.conversation, views)
    return outcome.conversation.pk


@dataclass(frozen=True, slots=True)
class _Messages:
    """Messages that begin no turn: of an earlier submit with the same `client_id`, or one that waits."""

    conversation: Conversation
    messages: list[Message]


def _submit(
    user: AbstractBaseUser, settings: TurnSettings, admission: Admission, question: _Question
) -> NewTurn | _Messages:
    try:
        with transaction.atomic():
            return _begin(user, question, settings, admission)
    except (IntegrityError, MessageWaitsError) as error:
        if earlier := _earlier(user, question):
            return earlier
        if isinstance(error, IntegrityError):
            # of two first submits to one new conversation at once, the second finds a running reply
            raise ReplyRunningError(repr(error)) from error
        raise


def _begin(
    user: AbstractBaseUser, question: _Question, settings: TurnSettings, admission: Admission
) -> NewTurn | _Messages:
    images = _images(user, question.image_ids)
    conversation = _conversation(user, question, images)
    if Message.objects.waiting_for(conversation.leaf_id).exists():
        raise MessageWaitsError
    settings = settings_of(user, conversation, settings)
    if is_running(conversation):
        refuse_beyond_limits(user, admission, ending=conversation.leaf_id)
        message = _add(user, conversation, question, images, Message.State.WAITING)
        WaitingMessage.objects.create(message=message, settings=frozen(settings))
        return _Messages(conversation, list(Message.objects.waiting_for(conversation.leaf_id)))
    branch = settled_branch(conversation)
    message = _add(user, conversation, question, images, Message.State.SENT)
    branch.append(PromptMessage(message.pk, message.role, message.text, images))
    turn = begin_reply(user, conversation, branch, settings, admission)
    return NewTurn(turn, conversation, message, images)


def _add(
    user: AbstractBaseUser,
    conversation: Conversation,
    question: _Question,
    images: Sequence[UploadedImage],
    state: Message.State,
) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        parent_id=conversation.leaf_id,
        role=Message.Role.USER,
        state=state,
        text=question.text,
        author_id=user.pk,
        client_id=question.client_id,
    )
    MessageImage.objects.bulk_create(
        MessageImage(message=message, image=image, position=position) for position, image in enumerate(images)
    )
    if state == Message.State.SENT:
        index_messages([message.pk])
    return message


def _earlier(user: AbstractBaseUser, question: _Question) -> _Messages | None:
    own = Message.objects.visible_to(user).select_related("conversation")
    message = own.filter(client_id=question.client_id).with_details().first()
    if message is None:
        return None
    if message.state == Message.State.WAITING:
        return _Messages(message.conversation, list(Message.objects.waiting_for(message.parent_id)))
    reply = message.children.with_details().latest("pk")
    return _Messages(message.conversation, [message, reply])


def _images(user: AbstractBaseUser, ids: Sequence[uuid.UUID]) -> list[UploadedImage]:
    if not ids:
        return []
    # locked, so that a sweep or another tab cannot delete them meanwhile
    found = UploadedImage.objects.owned_by(user).select_for_update().in_bulk(list(ids))
    if len(found) != len(set(ids)):
        raise ImageGoneError
    return [found[image_id] for image_id in dict.fromkeys(ids)]


def _conversation(
    user: AbstractBaseUser, question: _Question, images: Sequence[UploadedImage]
) -> Conversation:
    """Lock the conversation; create it where it is new, and begin it where it has settings alone."""
    visible = Conversation.objects.visible_to(user).select_for_update()
    conversation = visible.filter(pk=question.conversation_id).first()
    if conversation is None:
        conversation = unsaved(user, question.conversation_id)
    elif conversation.is_begun:
        return conversation
    conversation.title = title_for(question.text, images)
    conversation.is_begun = True
    conversation.created_at = timezone.now()
    # of two first submits at once, the second one's insert breaks
    conversation.save(force_insert=conversation._state.adding)
    index_title(conversation)
    return conversation
