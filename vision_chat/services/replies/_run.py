"""The writing of one reply: stream the completion into memory, then settle its rows."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.utils import DatabaseError, InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    CompletionError,
    ModelLoadingError,
    ModelNotFoundError,
    NoImagesError,
    ReplyCutOffError,
    ReplyLostError,
)
from vision_chat.models import Generation
from vision_chat.models import Habit as HabitRow
from vision_chat.models.generation import Status
from vision_chat.services.completions.chunks import Piece, error_without_words
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.habits import MAX_AMENDMENTS, Habit
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.retries import loading_pause
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.presentation.sentences import loading_note
from vision_chat.services.replies import checkpoints
from vision_chat.services.replies._amendments import Request, amendment, question_has_images
from vision_chat.services.replies._answer_images import AnswerImages
from vision_chat.services.replies._outcomes import (
    Outcome,
    completion_values,
    error_values,
    generation_values,
    storable,
)
from vision_chat.services.replies._prompt import Prompt, build_prompt, newest_images
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.places import Place
from vision_chat.services.replies.turn import Turn
from vision_chat.services.uploads.copies import copies_for
from vision_chat.services.vision.request_rules import RequestRules

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Run:
    """The writing of one reply. `write` is the coroutine of `task`, and `cancel` ends it early."""

    turn: Turn
    live: LiveReply
    place: Place
    dependencies: Dependencies
    task: "asyncio.Task[None] | None" = None
    saved_length: int = 0
    """Length of the text at the last checkpoint, in characters."""
    is_ending: bool = False
    """True from the moment at which the status is decided. Then the task is not cancelled, but saves it."""
    _cancelled_as: Status = Status.INTERRUPTED
    _started_at: float = field(default_factory=time.monotonic)
    _first_token_ms: int | None = None
    _images: AnswerImages = field(init=False)
    _generation_values: dict[str, object] = field(default_factory=dict)
    _completion_values: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._images = AnswerImages(self.turn, self.dependencies)

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
        """Stream the completion. What the endpoint refuses goes out again as it wants it, at most twice."""
        request = await self._request(self.turn.settings.endpoint)
        learned: tuple[Habit, ...] = ()
        for amendments_left in reversed(range(MAX_AMENDMENTS + 1)):
            try:
                await self._receive_when_loaded(request, learned)
            except CompletionError as refusal:
                more = amendment(refusal, self.turn)
                if not (more and amendments_left) or self._first_token_ms is not None:
                    raise
                amended = await self._request(request.endpoint.amended(more))
                if amended.is_same_as(request):
                    raise
            else:
                return
            request, learned = amended, (*learned, *more)

    async def _request(self, endpoint: Endpoint) -> Request:
        """Build the request. Raises NoImagesError."""
        if not endpoint.rules.max_images and question_has_images(self.turn):
            raise NoImagesError(model_name=endpoint.model_name)
        prompt = await self._build_prompt(endpoint.rules)
        parameters = _with_max_tokens(self.turn.settings.parameters, prompt.max_tokens)
        return Request(endpoint, prompt, parameters)

    async def _receive_when_loaded(self, request: Request, learned: Sequence[Habit]) -> None:
        """Receive the completion; while the endpoint says that it loads the model, say so and ask again."""
        loop, patience = asyncio.get_running_loop(), self.dependencies.timeouts.first_token
        begun = loop.time()
        while True:
            try:
                await self._receive(request, learned)
            except ModelLoadingError as error:
                pause = loading_pause(error, loop.time() - begun, patience)
                if pause is None or self._first_token_ms is not None:
                    raise
            else:
                return
            self.live.note(loading_note())
            await asyncio.sleep(pause)

    async def _receive(self, request: Request, learned: Sequence[Habit]) -> None:
        self._completion_values |= request.to_columns()
        async with self.dependencies.client.stream(
            request.endpoint,
            request.prompt.messages,
            request.parameters,
            request_id=self.turn.generation.completion.request_id,
            timeouts=self.dependencies.timeouts,
        ) as completion:
            try:
                async for piece in completion:
                    if self._first_token_ms is None and learned:
                        await self._learn(request.endpoint, learned)
                    self._take(piece)
            finally:
                self._append(completion.rest())
                self._generation_values |= generation_values(completion.finish)
                self._completion_values |= completion_values(completion.finish)
        self.live.close()
        if self.live.has_thought and not (self.live.has_answer or self._images.any):
            raise error_without_words(completion.finish.finish_reason, has_thoughts=True)

    async def _learn(self, endpoint: Endpoint, learned: Sequence[Habit]) -> None:
        """Keep habits now that the amended request is accepted. The reply goes on where that fails."""
        try:
            await self.dependencies.writer.run(
                HabitRow.objects.learn, endpoint.address, endpoint.model_name, learned
            )
        except DatabaseError:
            logger.exception("What %s refuses could not be saved", endpoint.model_name)

    async def _build_prompt(self, rules: RequestRules) -> Prompt:
        turn = self.turn
        images = newest_images(turn.branch, rules)
        copies = await copies_for(images, rules, self.dependencies.writer, self.dependencies.images)

        def build() -> Prompt:
            return build_prompt(
                turn.branch,
                rules,
                copies,
                system_prompt=turn.settings.system_prompt,
                is_continued=turn.is_continued,
            )

        return await asyncio.to_thread(build) if copies else build()

    def _take(self, piece: Piece) -> None:
        if self._first_token_ms is None:
            self._first_token_ms = self._elapsed_ms()
        self._append(piece)

    def _append(self, piece: Piece) -> None:
        self.live.append(storable(self._images.take(piece)), storable(piece.thoughts))

    async def settle(self, status: Status, error: ChatError | None) -> None:
        """Save the end, unless another process has settled the reply, and send it to the watchers."""
        self._generation_values |= {
            "duration_ms": self._elapsed_ms(),
            "first_token_ms": self._first_token_ms,
        }
        if error is not None:
            self._generation_values |= error_values(error)
        images = await self._images.stored()
        self._generation_values["lost_images"] = self._images.lost
        generation = await self._save_end(status)
        self.live.close()
        footer = footer_html(generation, has_text=self.live.has_answer, images=images)
        self.live.settle(End(generation.status, footer))

    async def _save_end(self, status: Status) -> Generation:
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

    async def _try_to_save_end(self, status: Status) -> Generation:
        outcome = Outcome(status, self._generation_values, self._completion_values)
        generation = await self.dependencies.writer.run(checkpoints.settle, self.snapshot(), outcome)
        return generation or _deleted_generation(self.turn)

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._started_at) * 1000)


def _with_max_tokens(parameters: Parameters, max_tokens: int) -> Parameters:
    """Set the limit of tokens that the prompt leaves, unless the turn has set one."""
    values = parameters.to_json()
    if "max_tokens" in values or "max_completion_tokens" in values:
        return parameters
    return Parameters.from_json(values | {"max_tokens": max_tokens})


def _deleted_generation(turn: Turn) -> Generation:
    """Return an unsaved row for the watchers of a reply whose conversation was deleted."""
    return Generation(message=turn.reply, completion=turn.generation.completion, status=Status.INTERRUPTED)
