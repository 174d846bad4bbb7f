"""Submit a question: save it, and start its reply; while a reply runs it waits for the end of that."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from vision_chat.errors.turns import (
    MessageWaitsError,
    ReplyRunningError,
)
from vision_chat.models import (
    Conversation,
    Message,
    UploadedImage,
    WaitingMessage,
)
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._questions import (
    add_question,
    add_waiting,
    images_for,
    known_question,
)
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations._titles import title_for
from vision_chat.services.conversations._turns import (
    Known,
    NewTurn,
    announce,
    begin,
    begin_reply,
    is_running,
    refuse_beyond_limits,
    touch,
)
from vision_chat.services.conversations._waiting import frozen
from vision_chat.services.conversations.beginnings import unsaved
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.question import Question, checked
from vision_chat.services.figures import kept as figures
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Attached, TurnSettings
from vision_chat.services.search.index import index_title


async def submit(context: Context, conversation_id: uuid.UUID, question: Question) -> uuid.UUID:
    """Add a question to a conversation, which is created where it is new. Returns the conversation's id.

    While the conversation's reply runs the question waits for its end. The same `client_id` again is the same
    question: its messages are broadcast once more, and nothing is created. Raises TurnErrors.
    """
    question = checked(question, context.max_images)
    return await announce(context, await begin(context, _submit, conversation_id, question))


def _submit(
    user: AbstractBaseUser,
    settings: TurnSettings,
    door: Door,
    conversation_id: uuid.UUID,
    question: Question,
) -> NewTurn | Known:
    try:
        with transaction.atomic():
            return _begin(user, conversation_id, question, settings, door)
    except (IntegrityError, MessageWaitsError) as error:
        if earlier := known_question(user, question.client_id):
            return earlier
        if isinstance(error, IntegrityError):
            # of two first submits to one new conversation at once, the second finds a running reply
            raise ReplyRunningError(repr(error)) from error
        raise


def _begin(
    user: AbstractBaseUser,
    conversation_id: uuid.UUID,
    question: Question,
    settings: TurnSettings,
    door: Door,
) -> NewTurn | Known:
    images = images_for(user, question)
    conversation = _conversation(user, conversation_id, question, images)
    leaf_id = conversation.leaf_id
    if Message.objects.waiting_for(leaf_id).exists():
        raise MessageWaitsError
    settings = settings_of(user, conversation, settings)
    if is_running(leaf_id):
        refuse_beyond_limits(user, door, ending=leaf_id)
        message = add_waiting(user, conversation, question, images)
        WaitingMessage.objects.create(message=message, settings=frozen(settings))
        return Known(conversation, list(Message.objects.waiting_for(leaf_id)))
    branch = branch_for_prompt(leaf_id, settings.endpoint.rules)
    message, attachments = add_question(user, conversation, leaf_id, question, images)
    attached = [Attached.of(attachment) for attachment in attachments]
    branch.append(question.as_prompted(message.pk, attached))
    turn = begin_reply(user, conversation, branch, settings, door)
    touch(conversation, turn.reply, new=2, attachments=attachments)
    return NewTurn(turn, conversation, message, attachments)


def _conversation(
    user: AbstractBaseUser,
    conversation_id: uuid.UUID,
    question: Question,
    images: Sequence[UploadedImage],
) -> Conversation:
    """Lock the conversation; create it where it is new, and begin it where it has settings alone."""
    visible = Conversation.objects.visible_to(user).select_for_update(no_key=True)
    conversation = visible.filter(pk=conversation_id).first()
    if conversation is None:
        conversation = unsaved(user, conversation_id)
    elif conversation.is_begun:
        return conversation
    conversation.title = title_for(question.text, images)
    conversation.is_begun = True
    conversation.created_at = timezone.now()
    # of two first submits at once, the second one's insert breaks
    conversation.save(force_insert=conversation._state.adding)
    index_title(conversation)
    figures.begin(conversation)
    return conversation
