"""The shared part of use-cases that begin a reply: rows, start, events."""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models.functions import Now
from django.utils import timezone

from vision_chat.errors.turns import (
    ImageGoneError,
    NotFoundError,
    QuestionLeftOutError,
    ReplyRunningError,
    TooManyRepliesError,
)
from vision_chat.events import Event
from vision_chat.models import (
    Completion,
    Conversation,
    Generation,
    Message,
    MessageImage,
    branches,
)
from vision_chat.models.branches import Siblings
from vision_chat.models.generation import NO_PROCESS, Status, runs_here
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.presentation.messages import MessageView, message_created
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.replies.admission import process_of_new
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import PromptMessage, Turn, TurnSettings
from vision_chat.services.request_ids import id_of_call
from vision_chat.services.thoughts.division import Part, ReplySoFar

FindLive = Callable[[int], LiveReply | None]
Arguments = ParamSpec("Arguments")
Outcome = TypeVar("Outcome")


class InReply(NamedTuple):
    """The place of a generation in its reply, and the tile that it is about, where parts are asked about."""

    part: int = 0
    tile: int | None = None


FIRST: Final = InReply()


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn whose rows are written.

    `question` and `attachments` are the person's new message, if any; `waiting` is one that waits for its
    reply. `siblings` are those of its messages, by id. Without `is_shown` it is on a branch that no page
    shows.
    """

    turn: Turn
    conversation: Conversation
    question: Message | None = None
    attachments: Sequence[MessageImage] = ()
    waiting: Message | None = None
    siblings: Mapping[int, Siblings] = field(default_factory=dict)
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """Messages that begin no turn, as they are shown: one that waits, or of a command that came twice."""

    conversation: Conversation
    messages: Sequence[Message] = ()
    siblings: Mapping[int, Siblings] = field(default_factory=dict)


async def begin(
    context: Context,
    job: Callable[Concatenate[AbstractBaseUser, TurnSettings, Door, Arguments], Outcome],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Outcome:
    """Call `job` on the writer's thread; where it returns a NewTurn, start its reply.

    The reply is started at once, so that the request is sent before anything is rendered.
    Raises ShuttingDownError.
    """
    door = context.runner.door()
    outcome = await context.on_writer(job, context.settings, door, *args, **kwargs)
    if isinstance(outcome, NewTurn):
        context.runner.start(outcome.turn)
    return outcome


async def announce(context: Context, new: NewTurn | Known) -> uuid.UUID:
    """Broadcast the messages of a turn that has begun, or is known. Returns the conversation's id."""
    if isinstance(new, Known):
        views = [
            view_at_start(message, context.runner.live(message.pk), context.own_boot_id).among(
                new.siblings.get(message.pk)
            )
            for message in new.messages
        ]
        await broadcast_messages(context, new.conversation, views)
        return new.conversation.pk
    # all that a continued reply has so far is rendered, which may take 200 ms
    views = await asyncio.to_thread(views_of, new) if new.turn.parts else views_of(new)
    await context.broadcast(
        new.conversation.owner_id, *events_of(new.conversation, views, is_shown=new.is_shown)
    )
    return new.conversation.pk


def views_of(new: NewTurn) -> list[MessageView]:
    """View the messages that a turn makes or changes, in their order."""
    turn = new.turn
    reply = MessageView.of(turn.reply, (), turn.generation, turn.parts, turn.thought_ms)
    views = [reply.among(new.siblings.get(turn.reply.pk))]
    if new.question is not None:
        question = MessageView.of(new.question, new.attachments, generation=None)
        views.insert(0, question.among(new.siblings.get(new.question.pk)))
    if new.waiting is not None:
        views.append(MessageView.of_row(new.waiting))
    return views


async def broadcast_messages(
    context: Context, conversation: Conversation, views: Iterable[MessageView]
) -> None:
    """Broadcast that messages were created, and that the conversation moves to the top of the list."""
    await context.broadcast(conversation.owner_id, *events_of(conversation, views))


def events_of(
    conversation: Conversation, views: Iterable[MessageView], *, is_shown: bool = True
) -> list[Event]:
    """Return the events that tell of messages, where they are shown, and of the conversation's place."""
    views = list(views)
    created = [message_created(conversation.pk, view) for view in views if is_shown]
    images = [image.id for view in views for image in view.images]
    updated = conversation_updated(
        conversation,
        image_id=images[0] if images else None,
        is_running=any(view.status == Status.RUNNING for view in views),
    )
    return [*created, updated]


def view_at_start(message: Message, live: LiveReply | None, own: str | None = None) -> MessageView:
    """View a row of `with_details()`; a running reply as it began, because following it sends the rest.

    The text of one that has just ended is taken from memory: a reader gets text and status one after the
    other, so the text of the row may be older than its end. `own` is the boot id of this process where
    there are others, in which it may run.
    """
    generation = message.generation
    if generation is None:
        return MessageView.of_row(message)
    is_running = generation.status == Status.RUNNING
    if is_running and not runs_here(generation.boot_id, own):
        # another process goes on with it, or one that takes it
        return MessageView.of_row(message, ReplySoFar(message.text[: generation.starts_at], "", None))
    if live is None:
        return MessageView.of_row(message)
    return MessageView.of_row(message, ReplySoFar(live.first_text, "", None) if is_running else live.written)


def is_running(message_id: int | None) -> bool:
    """Return whether a message is a reply that runs."""
    return Generation.objects.running().filter(message=message_id).exists()


def refuse_running(message_id: int | None) -> None:
    """Raise ReplyRunningError while this reply runs."""
    if is_running(message_id):
        raise ReplyRunningError


def locked_message(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, Message]:
    """Lock the conversation of a message that was sent and not deleted. Raises NotFoundError."""
    conversation = locked_conversation(user, message_id)
    message = conversation.messages.sent().filter(pk=message_id).first()
    if message is None:
        raise NotFoundError
    return conversation, message


def locked_conversation(user: AbstractBaseUser, message_id: int) -> Conversation:
    """Lock the conversation of a message, which may wait or be deleted. Raises NotFoundError."""
    # Not against keys: whoever judges holds the item, the figures and the end of the audit log when the
    # database looks, at the commit, for the conversation of the review. With `__pk`, a number that no column
    # holds is nobody's, and no error.
    visible = Conversation.objects.visible_to(user).select_for_update(of=("self",), no_key=True)
    conversation = visible.filter(messages__pk=message_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def is_on_shown_branch(conversation: Conversation, message_id: int) -> bool:
    """Return whether a message is on the branch that pages show."""
    return Message.objects.branch_to(conversation.leaf_id).filter(pk=message_id).exists()


def begin_reply(
    user: AbstractBaseUser,
    conversation: Conversation,
    branch: list[PromptMessage],
    settings: TurnSettings,
    door: Door,
) -> Turn:
    """Create the rows of a reply to the last message of `branch`, which shows it from now on.

    Where the branch is the one that is shown the caller makes the reply its leaf. `settings` are those of the
    turn, by `settings_of`. Raises QuestionLeftOutError, TooManyRepliesError and NoPlaceError.
    """
    question_id = branch[-1].message_id
    refuse_left_out(branch[-1])
    to_ask = parts_to_ask(branch, settings.endpoint.rules)
    heading = to_ask[0].heading if to_ask else ""
    reply = Message.objects.create(
        conversation=conversation, parent_id=question_id, role=Message.Role.ASSISTANT, text=heading
    )
    place = InReply(tile=to_ask[0].tile) if to_ask else FIRST
    generation = begin_generation(user, reply, settings, door, place)
    show_next(question_id, reply)
    return Turn(
        reply=reply,
        generation=generation,
        branch=to_ask[0].branch if to_ask else branch,
        settings=settings,
        parts=[Part(heading)] if heading else (),
        to_ask=to_ask[1:],
    )


def begin_generation(
    user: AbstractBaseUser,
    reply: Message,
    settings: TurnSettings,
    door: Door,
    place: InReply = FIRST,
) -> Generation:
    """Create the rows of a generation and its completion, with the settings of the turn.

    Where there is no slot for it, it is queued. Raises TooManyRepliesError and NoPlaceError.
    """
    boot_id = process_of_new(user.pk, settings.endpoint, door)
    completion = Completion.objects.create(
        conversation_id=reply.conversation_id,
        person_id=user.pk,
        endpoint=settings.endpoint.address,
        model_name=settings.endpoint.model_name,
        family=settings.endpoint.rules.family,
        language_model_id=settings.language_model_id,
        parameters=settings.parameters.to_json(),
        system_prompt=settings.system_prompt,
        request_id=id_of_call(),
    )
    return Generation.objects.create(
        message=reply,
        completion=completion,
        boot_id=boot_id,
        heartbeat_at=Now(),
        waits_since=Now() if boot_id == NO_PROCESS else None,
        part=place.part,
        tile=place.tile,
        starts_at=len(reply.text),
    )


def refuse_beyond_limits(user: AbstractBaseUser, door: Door, *, ending: int | None = None) -> None:
    """Raise TooManyRepliesError where the person has as many replies as may run, beside reply `ending`."""
    running = Generation.objects.running().filter(completion__person=user.pk).exclude(message=ending)
    if running.values("completion").distinct().count() >= door.limits.per_person:
        raise TooManyRepliesError(limit=door.limits.per_person)


def refuse_emptied(question_id: int | None) -> None:
    """Raise ImageGoneError where a question consisted of pictures alone, all of which were deleted."""
    emptied = Message.objects.filter(text="", deleted_images__gt=0, attachments=None)
    if question_id is not None and emptied.filter(pk=question_id).exists():
        raise ImageGoneError


def refuse_left_out(question: PromptMessage) -> None:
    """Raise QuestionLeftOutError where a question consists of images that the person has left out."""
    if question.attached and not question.text and not question.wants_images:
        raise QuestionLeftOutError


def show_next(parent_id: int | None, message: Message) -> None:
    """Let a message be the one that is shown after its parent, where that is shown."""
    if parent_id is not None:
        Message.objects.filter(pk=parent_id).update(shown_child=message)


def touch(
    conversation: Conversation,
    leaf: Message | None = None,
    *,
    new: int,
    attachments: Sequence[MessageImage] = (),
) -> None:
    """Move the conversation to the top of the list; make a message the leaf that follows the one before.

    It has so many `new` messages, the newest of all, which show these `attachments`.
    """
    conversation.updated_at = timezone.now()
    if leaf is not None:
        conversation.leaf = leaf
    conversation.save(update_fields=["leaf", "updated_at"])
    figures.add_turn(conversation, new, attachments)


def show(conversation: Conversation, leaf_id: int | None, *, outdates_pages: bool) -> None:
    """Make the branch to this message the one that is shown; None where no message is left.

    `outdates_pages`: a page that is not told of it must fetch itself again, as not its end alone has changed.
    """
    conversation.leaf_id = leaf_id
    if leaf_id is not None:
        branches.show_branch_to(leaf_id)
    if outdates_pages:
        conversation.tree_revision += 1
    conversation.save(update_fields=["leaf", "tree_revision"])
