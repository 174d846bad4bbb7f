"""The use-cases of a conversation: submit, regenerate, continue. Each is one short transaction.

They are called on the writer's thread, by whoever knows who asks; what they return is what the runner
needs to write the reply. Nothing here waits for a model.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import ngettext

from vision_chat.errors.turns import (
    NotFoundError,
    NotLastReplyError,
    PictureGoneError,
    ReplyRunningError,
    TooManyPicturesError,
    TurnEmptyError,
    TurnTooLongError,
)
from vision_chat.models import Conversation, Generation, Message, MessageImage, UploadedImage, rows
from vision_chat.models.branches import branch, messages_of
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.models.generation import Status

MAX_TEXT_LENGTH = 60_000
TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """What the runner needs to begin: the model and the process that write."""

    model_name: str
    endpoint_url: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply to be written. `branch` leads to the message it answers, or to the reply it continues."""

    conversation: Conversation
    reply: Message
    generation: Generation
    branch: Sequence[Message]
    question: Message | None = None
    """The person's message, where it is new."""
    continues: bool = False
    is_repeated: bool = False
    """Whether this submit had arrived before: nothing new was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person submits. `max_images` is the most that one message may hold."""

    conversation_id: uuid.UUID
    client_id: uuid.UUID
    text: str
    image_ids: Sequence[uuid.UUID]
    max_images: int

    def check(self) -> None:
        if not self.text and not self.image_ids:
            raise TurnEmptyError
        if len(self.text) > MAX_TEXT_LENGTH:
            raise TurnTooLongError(limit=MAX_TEXT_LENGTH)
        if len(self.image_ids) > self.max_images:
            raise TooManyPicturesError(limit=self.max_images)


def submit(user: AbstractBaseUser, question: Question, new: NewGeneration) -> Turn:
    """Keep the question and begin its reply. The same `client_id` again gives the turn made before."""
    question.check()
    try:
        with transaction.atomic():
            return _make_turn(user, question, new)
    except (IntegrityError, ReplyRunningError) as error:
        made_before = _made_before(user, question)
        if made_before is None:
            raise _without_database_words(error) from error
        return made_before


def _make_turn(user: AbstractBaseUser, question: Question, new: NewGeneration) -> Turn:
    images = _images(user, question.image_ids)
    conversation, history = _conversation(user, question, images)
    message = Message(
        conversation=conversation,
        parent_id=conversation.leaf_id,
        role=Message.Role.USER,
        text=question.text,
        author_id=user.pk,
        client_id=question.client_id,
    )
    rows.insert(message)
    attachments = [
        MessageImage(message=message, image=image, position=position) for position, image in enumerate(images)
    ]
    for attachment in attachments:
        rows.insert(attachment)
    message.remember("attachments", attachments)
    message.remember("generations", [])
    reply, generation = _begin_reply(conversation, message, new)
    return Turn(conversation, reply, generation, [*history, message], question=message)


def _without_database_words(error: Exception) -> Exception:
    """Two first submits to one new conversation at once: the second finds a reply running."""
    return error if isinstance(error, ReplyRunningError) else ReplyRunningError(repr(error))


def _made_before(user: AbstractBaseUser, question: Question) -> Turn | None:
    message = Message.objects.visible_to(user).with_details().filter(client_id=question.client_id).first()
    if message is None:
        return None
    reply = message.children.with_details().latest("pk")
    return _turn_of(reply, message, is_repeated=True)


def _turn_of(reply: Message, question: Message, *, is_repeated: bool) -> Turn:
    generation = reply.generation
    assert generation is not None, "a reply is made together with its generation"
    return Turn(reply.conversation, reply, generation, [], question=question, is_repeated=is_repeated)


def _images(user: AbstractBaseUser, ids: Sequence[uuid.UUID]) -> list[UploadedImage]:
    if not ids:
        return []
    found = UploadedImage.objects.owned_by(user).select_for_update().in_bulk(list(ids))
    if len(found) != len(set(ids)):
        raise PictureGoneError
    return [found[image_id] for image_id in dict.fromkeys(ids)]


def _conversation(
    user: AbstractBaseUser, question: Question, images: Sequence[UploadedImage]
) -> tuple[Conversation, list[Message]]:
    """The conversation, not yet kept where it is new, and its current branch."""
    found = rows.select(Conversation, {"id": question.conversation_id}, for_update=True)
    if found and not found[0].is_visible_to(user):
        raise NotFoundError  # somebody else's, or just deleted
    if found:
        return found[0], _settled_branch(found[0])
    title = title_for(question.text, images)
    return Conversation(pk=question.conversation_id, owner_id=user.pk, title=title), []


def _settled_branch(conversation: Conversation) -> list[Message]:
    if rows.select(Generation, {"message_id": conversation.leaf_id, "status": Status.RUNNING}):
        raise ReplyRunningError
    return branch(messages_of(conversation), conversation.leaf_id)


def _begin_reply(
    conversation: Conversation, question: Message, new: NewGeneration
) -> tuple[Message, Generation]:
    reply = Message(conversation=conversation, parent=question, role=Message.Role.ASSISTANT)
    rows.insert(reply)
    reply.remember("attachments", [])
    generation = _begin_generation(reply, new)
    conversation.leaf_id = reply.pk
    _keep(conversation)
    return reply, generation


def _begin_generation(reply: Message, new: NewGeneration) -> Generation:
    generation = Generation(
        message=reply,
        model_name=new.model_name,
        endpoint_url=new.endpoint_url,
        boot_id=new.boot_id,
        request_id=uuid.uuid4().hex,
    )
    rows.insert(generation)
    reply.remember("generations", [generation])
    return generation


def _keep(conversation: Conversation) -> None:
    """A new one comes after its messages: so its row need not be changed to name the last of them."""
    conversation.updated_at = timezone.now()
    if conversation._state.adding:
        rows.insert(conversation)
        return
    values = {"leaf_id": conversation.leaf_id, "updated_at": conversation.updated_at}
    rows.update(conversation, values, only_where={})


def regenerate(user: AbstractBaseUser, message_id: int, new: NewGeneration) -> Turn:
    """Answer the question of the last reply once more; the earlier answer stays, as a sibling."""
    with transaction.atomic():
        conversation, path = _branch_to_last_reply(user, message_id)
        question = path[-2]
        reply, generation = _begin_reply(conversation, question, new)
        return Turn(conversation, reply, generation, path[:-1])


def resume(user: AbstractBaseUser, message_id: int, new: NewGeneration) -> Turn:
    """Go on with the last reply, as a further generation of the same message."""
    with transaction.atomic():
        conversation, path = _branch_to_last_reply(user, message_id)
        reply = path[-1]
        if not reply.text:
            raise NotLastReplyError
        generation = _begin_generation(reply, new)
        _keep(conversation)
        return Turn(conversation, reply, generation, path, continues=True)


def _branch_to_last_reply(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, list[Message]]:
    visible = Conversation.objects.visible_to(user).select_for_update()
    conversation = visible.filter(messages=message_id).first()
    if conversation is None:
        raise NotFoundError
    path = _settled_branch(conversation)
    if not path or path[-1].pk != message_id or path[-1].role != Message.Role.ASSISTANT:
        raise NotLastReplyError
    return conversation, path


def title_for(text: str, images: Sequence[UploadedImage]) -> str:
    """The first line of the question, cut at a word; else what its pictures are called."""
    line = " ".join(text.strip().partition("\n")[0].split())
    if not line and len(images) == 1:
        line = images[0].name
    elif not line:
        line = ngettext("%(count)s picture", "%(count)s pictures", len(images)) % {"count": len(images)}
    if len(line) > TITLE_LENGTH:
        line = (line[:TITLE_LENGTH].rsplit(" ", 1)[0] or line[:TITLE_LENGTH]).rstrip(" ,.;:") + "…"
    return line[:MAX_TITLE_LENGTH]
