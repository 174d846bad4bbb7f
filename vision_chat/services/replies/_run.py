"""The writing of one reply: take what the exchange brings into memory, then settle its rows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from django.db.utils import InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    ModelNotFoundError,
    ReplyCutOffError,
    ReplyLostError,
)
from vision_chat.events import ConversationSettled
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services import relay
from vision_chat.services.completions.chunks import Piece
from vision_chat.services.completions.completion import Completion
from vision_chat.services.completions.ends import error_without_words
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.replies._answer_images import AnswerImages
from vision_chat.services.replies._exchange import Exchange
from vision_chat.services.replies._outcomes import (
    Outcome,
    completion_values,
    error_values,
    generation_values,
    storable,
)
from vision_chat.services.replies.checkpoints import Checkpoint, Settled
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.places import Place
from vision_chat.services.replies.turn import Turn

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0

SaveEnd = Callable[[Checkpoint, Outcome], Awaitable[Settled]]


@dataclass(slots=True, eq=False)
class Run:
    """The writing of one reply. `write` is the coroutine of `task`, and `cancel` ends it early.

    `save_end` saves its end, and starts the reply to the message that waited for it.
    """

    turn: Turn
    live: LiveReply
    place: Place
    dependencies: Dependencies
    save_end: SaveEnd
    task: "asyncio.Task[None] | None" = None
    saved_length: int = 0
    """Length of the text at the last checkpoint, in characters."""
    is_ending: bool = False
    """True from the moment at which the status is decided. Then the task is not cancelled, but saves it."""
    _cancelled_as: Status = Status.INTERRUPTED
    _started_at: float = field(default_factory=time.monotonic)
    _first_token_ms: int | None = None
    _images: AnswerImages = field(init=False)
    _exchange: Exchange = field(init=False)
    _generation_values: dict[str, object] = field(default_factory=dict)
    _completion_values: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._images = AnswerImages(self.turn, self.dependencies)
        self._exchange = Exchange(self.turn, self.dependencies, receive=self._receive, note=self.live.note)

    @property
    def generation_id(self) -> int:
        return self.turn.generation.pk

    @property
    def message_id(self) -> int:
        return self.turn.reply.pk

    def snapshot(self) -> Checkpoint:
        """Return what has come so far, for saving."""
        written = self.live.written
        return Checkpoint(
            self.generation_id, self.message_id, written.text, written.thoughts, written.thinking_ms
        )

    def cancel(self, status: Status) -> None:
        """End the reply with this status. Does nothing where it is ending already."""
        if self.task is not None and not self.is_ending:
            self.is_ending = True
            self._cancelled_as = status
            self.task.cancel()

    async def write(self) -> None:
        """Write the reply and settle it. Errors become its status; only a bug in settling raises."""
        status = Status.COMPLETED
        failure: ChatError | None = None
        try:
            async with self.place:
                self._started_at = time.monotonic()
                await self._stream()
        except asyncio.CancelledError:
            status = self._cancelled_as
        except (ReplyCutOffError, ReplyLostError) as error:
            status, failure = Status.INTERRUPTED, error
        except ChatError as error:
            status, failure = Status.FAILED, error
        except Exception as error:
            logger.exception("The reply to message %s failed", self.turn.reply.parent_id)
            status, failure = Status.FAILED, ChatError(repr(error))
        self.is_ending = True
        if isinstance(failure, ModelNotFoundError):
            await self.dependencies.catalogue.refresh(self.turn.settings.endpoint)
        await self.settle(status, failure)

    async def settle_after(self, task: "asyncio.Task[None]") -> None:
        """Settle a reply whose task has ended without settling: by a bug, or cancelled before it began."""
        self.is_ending = True
        if task.cancelled():
            await self.settle(self._cancelled_as, None)
            return
        logger.error("The task of reply %s failed", self.message_id, exc_info=task.exception())
        await self.settle(Status.FAILED, ChatError(repr(task.exception())))

    async def _stream(self) -> None:
        finish = await self._exchange.run()
        self.live.close()
        if self.live.has_thought and not (self.live.has_answer or self._images.any):
            raise error_without_words(finish.finish_reason, has_thoughts=True)

    async def _receive(self, completion: Completion) -> None:
        try:
            async for piece in completion:
                if self._first_token_ms is None:
                    self._first_token_ms = self._elapsed_ms()
                    await self._exchange.accept()
                self._take(piece)
        finally:
            self._take(completion.rest())
            self._generation_values |= generation_values(completion.finish)
            self._completion_values |= completion_values(completion.finish)

    def _take(self, piece: Piece) -> None:
        self.live.append(storable(self._images.take(piece)), storable(piece.thoughts))

    async def settle(self, status: Status, error: ChatError | None) -> None:
        """Save the end, unless another process has settled the reply, and send it to the watchers."""
        self._generation_values |= {
            "duration_ms": self._elapsed_ms(),
            "first_token_ms": self._first_token_ms,
        }
        self._completion_values |= self._exchange.columns
        if error is not None:
            self._generation_values |= error_values(error)
        images = await self._images.stored()
        self._generation_values["lost_images"] = self._images.lost
        settled = await self._save_end(status)
        generation = settled.generation or _deleted_generation(self.turn)
        self.live.close()
        footer = footer_html(generation, has_text=self.live.has_answer, images=images)
        self.live.settle(End(generation.status, footer))
        if settled.is_last:
            await self._tell_lists()
        if settled.follow_up is not None:
            await settled.follow_up.announce()

    async def _tell_lists(self) -> None:
        """Tell the person's tabs, whatever they show, that the conversation is answered."""
        person_id = self.turn.generation.completion.person_id
        if person_id is not None:
            settled = ConversationSettled(conversation_id=str(self.turn.reply.conversation_id))
            await relay.broadcast(person_id, settled)

    async def _save_end(self, status: Status) -> Settled:
        """Save the end, again until it works: a disk may be full, or the database restart."""
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                return await self._try_to_save_end(status)
            except (OperationalError, InterfaceError):
                logger.exception("The end of reply %s could not be saved; trying again", self.message_id)
            except Exception:
                logger.exception("The figures of reply %s cannot be saved and are left out", self.message_id)
                self._generation_values, self._completion_values = {}, {}
            await asyncio.sleep(delay)
            delay = min(delay * 2, MAX_RETRY_SECONDS)

    async def _try_to_save_end(self, status: Status) -> Settled:
        outcome = Outcome(status, self._generation_values, self._completion_values)
        return await self.save_end(self.snapshot(), outcome)

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._started_at) * 1000)


def _deleted_generation(turn: Turn) -> Generation:
    """Return an unsaved row for the watchers of a reply whose conversation was deleted."""
    return Generation(message=turn.reply, completion=turn.generation.completion, status=Status.INTERRUPTED)
