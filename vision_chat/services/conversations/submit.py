"""Submit a question: save it, and start its reply."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from vision_chat.errors.turns import (
    ImageGoneError,
    NotFoundError,
    ReplyRunningError,
    TooManyImagesError,
    TurnEmptyError,
    TurnTooLongError,
)
from vision_chat.models import Conversation, Message, MessageImage, Preferences, UploadedImage
from vision_chat.services.conversations._titles import title_for
from vision_chat.services.conversations._turns import (
    NewTurn,
    announce,
    begin,
    begin_reply,
    broadcast_messages,
    settled_branch,
    view_at_start,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import PromptMessage, TurnSettings

MAX_TEXT_LENGTH = 60_000


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

    The same `client_id` again is the same turn: its messages are broadcast once more, and nothing is created.
    Raises TurnErrors.
    """
    question = _Question(conversation_id, client_id, text.strip(), image_ids)
    _check(question, context.max_images)
    outcome = await begin(context, _submit, question)
    if isinstance(outcome, NewTurn):
        return await announce(context, outcome)
    views = [view_at_start(message, context.runner.live(message.pk)) for message in outcome.messages]
    await broadcast_messages(context, outcome.conversation, views)
    return outcome.conversation.pk


def _check(question: _Question, max_images: int) -> None:
    if not question.text and not question.image_ids:
        raise TurnEmptyError
    if len(question.text) > MAX_TEXT_LENGTH:
        raise TurnTooLongError(limit=MAX_TEXT_LENGTH)
    if len(question.image_ids) > max_images:
        raise TooManyImagesError(limit=max_images)


@dataclass(frozen=True, slots=True)
class _EarlierTurn:
    """The turn of an earlier submit with the same `client_id`: its question and its reply."""

    conversation: Conversation
    messages: list[Message]


def _submit(
    user: AbstractBaseUser, settings: TurnSettings, admission: Admission, question: _Question
) -> NewTurn | _EarlierTurn:
    try:
        with transaction.atomic():
            return _begin(user, question, settings, admission)
    except (IntegrityError, ReplyRunningError) as error:
        if earlier := _earlier_turn(user, question):
            return earlier
        if isinstance(error, IntegrityError):
            # of two first submits to one new conversation at once, the second finds a running reply
            raise ReplyRunningError(repr(error)) from error
        raise


def _begin(
    user: AbstractBaseUser, question: _Question, settings: TurnSettings, admission: Admission
) -> NewTurn:
    images = _images(user, question.image_ids)
    conversation, branch = _conversation(user, question, images)
    message = Message.objects.create(
        conversation=conversation,
        parent_id=conversation.leaf_id,
        role=Message.Role.USER,
        text=question.text,
        author_id=user.pk,
        client_id=question.client_id,
    )
    MessageImage.objects.bulk_create(
        MessageImage(message=message, image=image, position=position) for position, image in enumerate(images)
    )
    branch.append(PromptMessage(message.pk, message.role, message.text, images))
    turn = begin_reply(user, conversation, branch, settings, admission)
    return NewTurn(turn, conversation, message, images)


def _earlier_turn(user: AbstractBaseUser, question: _Question) -> _EarlierTurn | None:
    messages = Message.objects.visible_to(user).with_details().select_related("conversation")
    message = messages.filter(client_id=question.client_id).first()
    if message is None:
        return None
    reply = message.children.with_details().latest("pk")
    return _EarlierTurn(message.conversation, [message, reply])


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
) -> tuple[Conversation, list[PromptMessage]]:
    """Return the conversation and its current branch; create it where it is new."""
    visible = Conversation.objects.visible_to(user).select_for_update()
    if conversation := visible.filter(pk=question.conversation_id).first():
        return conversation, settled_branch(conversation)
    if Conversation.objects.filter(pk=question.conversation_id).exists():
        raise NotFoundError  # somebody else's, or just deleted
    created = Conversation.objects.create(
        pk=question.conversation_id,
        owner_id=user.pk,
        title=title_for(question.text, images),
        system_prompt=Preferences.objects.instructions_of(user),
    )
    return created, []
