"""Dispatch a message that waited for a reply, when that has ended.

It is sent after a reply that is complete. After one that was stopped, failed or was interrupted it stays,
and the page asks; as where it is refused, by a limit or by a model that is no longer there.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.utils import InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError
from vision_chat.events import Event
from vision_chat.models import Conversation, Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.conversations._turns import NewTurn, events_of, views_of
from vision_chat.services.conversations._waiting import send_waiting, thawed
from vision_chat.services.presentation.messages import MessageView, message_created
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Turn, TurnSettings
from vision_chat.services.request_ids import Origin, work_for
from vision_chat.services.site import relay

logger = logging.getLogger(__name__)

PASSING = (NoPlaceError.code, TooManyRepliesError.code)
"""Refusals after which the message is sent by itself once there is room."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that waited was sent: its turn begins."""

    new: NewTurn

    @property
    def turn(self) -> Turn | None:
        return self.new.turn

    @property
    def events(self) -> list[Event]:
        return events_of(self.new.conversation, views_of(self.new), is_shown=self.new.is_shown)

    async def announce(self) -> None:
        await relay.broadcast(self.new.conversation.owner_id, *self.events)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message goes on waiting, and says why."""

    conversation: Conversation
    waiting: Message
    turn: Turn | None = None

    @property
    def events(self) -> list[Event]:
        if self.conversation.leaf_id != self.waiting.parent_id:
            return []  # on a branch that no page shows
        return [message_created(self.conversation.pk, MessageView.of_row(self.waiting))]

    async def announce(self) -> None:
        await relay.broadcast(self.conversation.owner_id, *self.events)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Dispatches waiting messages with the settings that they were written with; the rest is of today."""

    settings: TurnSettings
    max_images: int

    def dispatch(self, reply_id: int, door: Door) -> Sent | Kept | None:
        """Send the message that waits for this reply, where it may be sent. Returns None where none waits.

        Called on the writer's thread, in a transaction that holds the conversation.
        """
        waiting = _waiting_for(reply_id)
        if waiting is None or not _is_wanted(waiting.conversation):
            return None
        if not _is_ready(waiting):
            return Kept(waiting.conversation, waiting)
        refusal: ChatError
        try:
            with transaction.atomic():
                return Sent(self._send(waiting, door))
        except ChatError as error:
            refusal = error
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # a bug here must not keep the reply from settling
            logger.exception("Waiting message %s could not be sent", waiting.pk)
            refusal = ChatError(repr(error))
        return _refused(reply_id, refusal)

    def _send(self, waiting: Message, door: Door) -> NewTurn:
        owner, kept = waiting.conversation.owner, waiting.waiting.settings
        work_for(Origin(kept.get("request_id", ""), owner.pk))
        settings = thawed(owner, kept, self.settings)
        return send_waiting(waiting, settings, door, self.max_images)


def _waiting_for(reply_id: int) -> Message | None:
    rows = Message.objects.waiting_for(reply_id)
    return rows.select_related("waiting", "conversation__owner").first()


def _is_wanted(conversation: Conversation) -> bool:
    return conversation.deleted_at is None and getattr(conversation.owner, "is_active", True)


def _is_ready(waiting: Message) -> bool:
    generation = waiting.parent.generation if waiting.parent else None
    if generation is None or generation.status == Status.RUNNING:
        return False
    return generation.status == Status.COMPLETED or waiting.waiting.is_due


def _refused(reply_id: int, refusal: ChatError) -> Kept | None:
    """Keep the reason. Returns None where the page says it already."""
    waiting = _waiting_for(reply_id)  # read anew: what was written on it has been rolled back
    if waiting is None or waiting.waiting.refusal_code == refusal.code:
        return None
    details = waiting.waiting
    details.refusal_code, details.refusal_params = refusal.code, dict(refusal.params)
    details.save(update_fields=["refusal_code", "refusal_params"])
    return Kept(waiting.conversation, waiting)


async def sweep_waiting(runner: Runner) -> None:
    """Send what a process has left: it was ending, or there was no room when the reply ended."""
    for reply_id in await runner.dependencies.writer.run(_left_waiting):
        await runner.follow_up_on(reply_id)


def _left_waiting() -> Sequence[int]:
    """Return the ids of the replies that have ended, and whose message could be sent since."""
    reply = OuterRef("message__parent")
    generations = Generation.objects.filter(message=reply).order_by("-pk")
    left = (
        WaitingMessage.objects.filter(refusal_code__in=["", *PASSING])
        .filter(message__deleted_at=None, message__conversation__deleted_at=None)
        .exclude(Exists(Generation.objects.running().filter(message=reply)))
        .annotate(ended_as=Subquery(generations.values("status")[:1]))
        .filter(Q(ended_as=Status.COMPLETED) | Q(is_due=True))
    )
    replies = left.order_by("pk").values_list("message__parent", flat=True)
    return [reply_id for reply_id in replies if reply_id is not None]
