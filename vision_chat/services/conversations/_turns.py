"""The shared part of use-cases that begin a reply: rows, start, events."""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from vision_chat.errors.turns import (
    NoPlaceError,
    NotFoundError,
    NotLastReplyError,
    ReplyRunningError,
    TooManyRepliesError,
)
from vision_chat.events import Event
from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    Message,
    UploadedImage,
)
from vision_chat.models.generation import Status
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.messages import MessageView, message_created
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.places import Admission
from vision_chat.services.replies.turn import PromptMessage, Turn, TurnSettings
from vision_chat.services.thoughts.division import Written, divide
from vision_chat.services.vision.family import family_of

FindLive = Callable[[int], LiveReply | None]
Arguments = ParamSpec("Arguments")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn whose rows are written.

    `question` and `images` are the person's new message, if any; `waiting` is one that waits for its reply.
    """

    turn: Turn
    conversation: Conversation
    question: Message | None = None
    images: Sequence[UploadedImage] = ()
    waiting: Message | None = None


async def begin(
    context: Context,
    job: Callable[Concatenate[AbstractBaseUser, TurnSettings, Admission, Arguments], Outcome],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Outcome:
    """Call `job` on the writer's thread; where it returns a NewTurn, start its reply.

    The reply is started at once, so that the request is sent before anything is rendered.
    Raises ShuttingDownError.
    """
    with context.runner.admission() as admission:
        outcome = await context.on_writer(job, context.settings, admission, *args, **kwargs)
        if isinstance(outcome, NewTurn):
            context.runner.start(outcome.turn)
    return outcome


async def announce(context: Context, new: NewTurn) -> uuid.UUID:
    """Broadcast the messages of a turn that has begun. Returns the conversation's id."""
    # all that a continued reply has so far is rendered, which may take 200 ms
    views = await asyncio.to_thread(views_of, new) if new.turn.parts else views_of(new)
    await broadcast_messages(context, new.conversation, views)
    return new.conversation.pk


def views_of(new: NewTurn) -> list[MessageView]:
    """View the messages that a turn makes or changes, in their order."""
    turn = new.turn
    views = [MessageView.of(turn.reply, (), turn.generation, turn.parts, turn.thought_ms)]
    if new.question is not None:
        views.insert(0, MessageView.of(new.question, new.images, generation=None))
    if new.waiting is not None:
        views.append(MessageView.of_row(new.waiting))
    return views


async def broadcast_messages(
    context: Context, conversation: Conversation, views: Iterable[MessageView]
) -> None:
    """Broadcast that messages were created, and that the conversation moves to the top of the list."""
    await context.broadcast(conversation.owner_id, *events_of(conversation, views))


def events_of(conversation: Conversation, views: Iterable[MessageView]) -> list[Event]:
    """Return the events that tell of messages and of the conversation's place in the list."""
    views = list(views)
    created = [message_created(conversation.pk, view) for view in views]
    images = [image.id for view in views for image in view.images]
    updated = conversation_updated(
        conversation,
        image_id=images[0] if images else None,
        is_running=any(view.status == Status.RUNNING for view in views),
    )
    return [*created, updated]


def view_at_start(message: Message, live: LiveReply | None) -> MessageView:
    """View a row of `with_details()`; a running reply as it began, because following it sends the rest.

    The text of one that has just ended is taken from memory: a reader gets text and status one after the
    other, so the text of the row may be older than its end.
    """
    if live is None or message.generation is None:
        return MessageView.of_row(message)
    is_running = message.generation.status == Status.RUNNING
    return MessageView.of_row(message, Written(live.first_text, "", None) if is_running else live.written)


def settled_branch(conversation: Conversation) -> list[PromptMessage]:
    """Return the current branch. Raises ReplyRunningError while its last reply runs."""
    if is_running(conversation):
        raise ReplyRunningError
    return branch_to(conversation.leaf_id)


def branch_to(leaf_id: int | None) -> list[PromptMessage]:
    """Return the messages of the branch that ends with this one, with their images."""
    return [
        PromptMessage(message.pk, message.role, answer_of(message), message.attached_images)
        for message in Message.objects.branch_to(leaf_id).with_details()
    ]


def is_running(conversation: Conversation) -> bool:
    """Return whether the last reply of the current branch runs."""
    return Generation.objects.running().filter(message=conversation.leaf_id).exists()


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
    admission: Admission,
) -> Turn:
    """Create the rows of a reply to the last message of `branch`, and make it the leaf.

    `settings` are those of the turn, by `settings_of`.
    """
    reply = Message.objects.create(
        conversation=conversation, parent_id=branch[-1].message_id, role=Message.Role.ASSISTANT
    )
    generation = begin_generation(user, reply, settings, admission)
    conversation.leaf = reply
    touch(conversation)
    return Turn(reply=reply, generation=generation, branch=branch, settings=settings)


def begin_generation(
    user: AbstractBaseUser, reply: Message, settings: TurnSettings, admission: Admission, part: int = 0
) -> Generation:
    """Create the rows of a generation and its completion, with the settings of the turn.

    Raises TooManyRepliesError and NoPlaceError.
    """
    refuse_beyond_limits(user, admission)
    if admission.is_full:
        raise NoPlaceError
    completion = Completion.objects.create(
        conversation_id=reply.conversation_id,
        person_id=user.pk,
        endpoint=settings.endpoint.address,
        model_name=settings.endpoint.model_name,
        family=family_of(settings.endpoint.model_name).id,
        parameters=settings.parameters.to_json(),
        system_prompt=settings.system_prompt,
        request_id=uuid.uuid4().hex,
    )
    return Generation.objects.create(
        message=reply,
        completion=completion,
        boot_id=admission.boot_id,
        part=part,
        starts_at=len(reply.text),
    )


def refuse_beyond_limits(user: AbstractBaseUser, admission: Admission, *, ending: int | None = None) -> None:
    """Raise TooManyRepliesError where the person has as many replies as may run, beside reply `ending`."""
    running = Generation.objects.running().filter(completion__person=user.pk).exclude(message=ending)
    if running.values("completion").distinct().count() >= admission.max_per_person:
        raise TooManyRepliesError(limit=admission.max_per_person)


def touch(conversation: Conversation) -> None:
    """Save the leaf, and move the conversation to the top of the list."""
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["leaf", "updated_at"])
