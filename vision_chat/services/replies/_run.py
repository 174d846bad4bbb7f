"""One call of an endpoint: take what the exchange brings into memory, then settle the rows of its replies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.utils import DatabaseError

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    ModelNotFoundError,
    ReplyCutOffError,
    ReplyLostError,
)
from vision_chat.events import ConversationSettled, ConversationStale, Event
from vision_chat.models import Generation, Preferences
from vision_chat.models.generation import Status
from vision_chat.services.completions.completion import Completion
from vision_chat.services.places.frames import frame_called
from vision_chat.services.places.mapping import Sight, sight_of
from vision_chat.services.presentation.footer import footer_html
from vision_chat.services.replies._books import Books
from vision_chat.services.replies._exchange import Exchange
from vision_chat.services.replies._fallback import Move, is_away, move_to_fallback
from vision_chat.services.replies._outcomes import Ending, Outcome, completion_values
from vision_chat.services.replies._part_errors import concerns_one_part
from vision_chat.services.replies._request_texts import JsonMessage
from vision_chat.services.replies._writing import Writing
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.ends import Settled
from vision_chat.services.replies.live import End
from vision_chat.services.replies.turn import Turn
from vision_chat.services.request_ids import Origin, work_for
from vision_chat.services.site import relay
from vision_chat.services.vision.family import known_family

logger = logging.getLogger(__name__)

SaveEnd = Callable[[Checkpoint, Outcome], Awaitable[Settled]]
OpenChoice = Callable[["Run", int], Coroutine[Any, Any, Writing | None]]
"""Makes the rows of another answer of the call; None where its reply is wanted no longer."""
BeginNextPart = Callable[[Checkpoint, Outcome, Turn], Awaitable[tuple[Generation, str] | None]]
"""Saves the end of one part and makes the rows of the next, whose heading it returns too; None as above."""


@dataclass(slots=True, eq=False)
class Run:
    """One call of an endpoint, which writes one reply, or several where `n` asks for that.

    Where a reply asks about the parts of a picture one after the other, there is a call for each of them.

    `write` is the coroutine of `task`, and `cancel` ends it early. `save_end` saves the end of a reply, and
    starts the reply to the message that waited for it. `open_choice` begins the writing of another reply when
    its first piece comes: an endpoint may give fewer than it was asked for. `begin_next_part` begins the next
    of the parts.
    """

    first: Writing
    dependencies: Dependencies
    save_end: SaveEnd
    open_choice: OpenChoice
    begin_next_part: BeginNextPart
    task: "asyncio.Task[None] | None" = None
    is_ending: bool = False
    """True from the moment at which the status is decided. Then the task is not cancelled, but saves it."""
    is_given_back: bool = False
    """True from the moment at which its reply is to wait for a slot again. Then it settles nothing."""
    is_between_parts: bool = False
    """True while one part is being saved and the next is not begun."""
    writings: dict[int, Writing | None] = field(init=False)
    """By the index of the choice; None of one that nobody wants."""
    _cancelled_as: Status = Status.INTERRUPTED
    _books: Books = field(init=False)
    _exchange: Exchange = field(init=False)
    _sight: Sight | None = None
    """The sight of the model, once the request is sent."""

    def __post_init__(self) -> None:
        self._begin(self.first)

    def _begin(self, writing: Writing) -> None:
        """Begin a call, whose first answer is written here."""
        self.first, self.writings = writing, {0: writing}
        self._books = Books(writing)
        self._exchange = self._new_exchange()

    def _new_exchange(self) -> Exchange:
        return Exchange(
            self.turn,
            self.dependencies,
            receive=self._receive,
            note=self.first.live.note,
            sent=self._sent,
        )

    @property
    def turn(self) -> Turn:
        return self.first.turn

    @property
    def wanted(self) -> list[Writing]:
        """The writings of all replies, in the order of their choices' first pieces."""
        return [writing for writing in self.writings.values() if writing is not None]

    @property
    def is_settled(self) -> bool:
        return all(writing.is_settled for writing in self.wanted)

    def writes(self, generation_id: int) -> bool:
        """Tell whether this generation is being written now: one of an earlier part is not."""
        return not self.is_between_parts and any(
            writing.generation_id == generation_id for writing in self.wanted
        )

    def cancel(self, status: Status) -> None:
        """End the replies with this status. Does nothing where they are ending already."""
        if self.task is not None and not self.is_ending:
            self.is_ending = True
            self._cancelled_as = status
            self.task.cancel()

    @property
    def may_give_back(self) -> bool:
        """True while it only waits for the end of a pause, and its rows are as they were taken."""
        has_fallen_back = self.turn.generation.completion.is_of_fallback
        return self._exchange.is_pausing and not (self.is_ending or has_fallen_back)

    async def give_back(self) -> None:
        """End without a trace, so that the reply may wait in the line. Called while `may_give_back`."""
        assert self.task is not None
        self.is_given_back = self.is_ending = True
        self.task.cancel()
        await asyncio.wait({self.task})

    async def write(self) -> None:
        """Write the replies and settle them. Errors become their status; only a bug in settling raises."""
        self._work_for_its_request()
        ending = Ending(Status.COMPLETED)
        try:
            ending = await self._ask()
        except asyncio.CancelledError:
            if self.is_given_back:
                return
            ending = Ending(self._cancelled_as)
        except ChatError as error:
            ending = _ending_by(error)
        except Exception as error:
            logger.exception("The reply to message %s failed", self.turn.reply.parent_id)
            ending = Ending(Status.FAILED, ChatError(repr(error)))
        self.is_ending = True
        if isinstance(ending.error, ModelNotFoundError):
            await self.dependencies.catalogue.refresh(self.turn.settings.endpoint)
        await self.settle(ending)

    def _work_for_its_request(self) -> None:
        """Let log lines and further calls have the id of this one, whoever has started the task."""
        completion = self.turn.generation.completion
        work_for(Origin(completion.request_id, completion.person_id))

    async def _ask(self) -> Ending:
        """Ask, about one part after the other where there are several. Raises a ChatError that ends all."""
        while True:
            ending = Ending(Status.COMPLETED)
            try:
                await self._exchange_or_fall_back()
            except ChatError as error:
                if not (self.turn.to_ask and concerns_one_part(error)):
                    raise
                ending = _ending_by(error)
            if not self.turn.to_ask:
                return ending
            if not await self._go_on(ending):
                return Ending(Status.INTERRUPTED)

    async def _exchange_or_fall_back(self) -> None:
        """Ask the model, and its fallback where its endpoint does not answer. Raises ChatErrors."""
        try:
            await self._exchange.run()
        except ChatError as error:
            if self._exchange.is_accepted or not is_away(error):
                raise
            move = await move_to_fallback(self.turn, error, self.dependencies)
            if move is None:
                raise
            self._go_on_as(move)
        else:
            return
        await self._exchange.run()

    def _go_on_as(self, move: Move) -> None:
        """Let the fallback write the reply, and say so on pages."""
        for name, value in move.columns.items():
            setattr(self.turn.generation.completion, name, value)
        self._books.note(move.columns)
        self.first.move_to(move.turn)
        self.first.live.note(move.note)
        self._exchange = self._new_exchange()

    async def _go_on(self, of_call: Ending) -> bool:
        """Save how a part ended, and begin the next one; return False where the reply is wanted no longer."""
        self.is_between_parts = True
        going_on = asyncio.create_task(self._next_part(of_call))
        try:
            return await asyncio.shield(going_on)
        except asyncio.CancelledError:
            await going_on  # rows that were made are to be settled
            raise
        finally:
            self.is_between_parts = False

    async def _next_part(self, of_call: Ending) -> bool:
        writing = self.first
        ending = writing.ending(of_call, is_alone=True)
        writing.end_part(ending)
        self._close_books(writing, ending)
        begun = await self._books.save(
            writing,
            ending.status,
            lambda checkpoint, outcome: self.begin_next_part(checkpoint, outcome, self.turn),
        )
        if begun is not None:
            self._books.measure(writing, ending.status, ending)
            self._begin(writing.begin_part(*begun))
        return begun is not None

    async def settle_after(self, task: "asyncio.Task[None]") -> None:
        """Settle replies whose task has ended without settling: by a bug, or cancelled before it began."""
        self.is_ending = True
        if task.cancelled():
            await self.settle(Ending(self._cancelled_as))
            return
        logger.error("The task of reply %s failed", self.first.message_id, exc_info=task.exception())
        await self.settle(Ending(Status.FAILED, ChatError(repr(task.exception()))))

    async def _receive(self, completion: Completion) -> None:
        try:
            async for piece in completion:
                if piece.choice not in self.writings:
                    await self._open(piece.choice)
                if (writing := self.writings[piece.choice]) is None:
                    continue
                if writing.first_token_ms is None:
                    writing.first_token_ms = self._books.elapsed_ms
                    await self._exchange.accept()
                writing.take(piece)
        finally:
            for piece in completion.rest():
                if (writing := self.writings.get(piece.choice)) is not None:
                    writing.take(piece)
            for index, writing in self.writings.items():
                if writing is not None:
                    writing.take_end(completion.end(index))
            self._books.note(completion_values(completion.finish))

    async def _sent(self, record: Sequence[JsonMessage]) -> None:
        """Let the replies draw places in the pictures of the request, as far as their frame is known."""
        endpoint = self.turn.settings.endpoint
        family, frame = known_family(endpoint.rules.family, endpoint.model_name), "unknown"
        if family.places.frame == "unknown" and any(entry.get("images") for entry in record):
            frame = await self._chosen_frame()
        self._sight = sight_of(record, family, frame_called(frame))
        for writing in self.wanted:
            writing.know(self._sight)

    async def _chosen_frame(self) -> str:
        """Return the frame that the person has chosen for the model, "unknown" where there is none."""
        completion = self.turn.generation.completion
        choice = Preferences.objects.frame_of
        try:
            return await self.dependencies.writer.run(choice, completion.person_id, completion.model_name)
        except DatabaseError:
            logger.exception("The frame of %s could not be read", completion.model_name)
            return "unknown"

    async def _open(self, index: int) -> None:
        """Begin the writing of a choice. Where its rows cannot be made the others go on without it."""
        opening = asyncio.create_task(self.open_choice(self, index))
        try:
            self.writings[index] = await asyncio.shield(opening)
        except asyncio.CancelledError:
            self.writings[index] = await opening  # rows that were made are to be settled
            raise
        except DatabaseError:
            logger.exception("Another answer beside reply %s could not be kept", self.first.message_id)
            self.writings[index] = None
        opened = self.writings[index]
        if opened is not None and self._sight is not None:
            opened.know(self._sight)

    async def settle(self, of_call: Ending) -> None:
        """Save the ends, unless another process has settled the replies, and send them to the watchers."""
        ends = [await self._settle(writing, of_call) for writing in self.wanted if not writing.is_settled]
        await self._tell_lists(
            is_last=any(end.is_last for end in ends), has_grown=any(end.has_grown for end in ends)
        )
        for end in ends:
            if end.follow_up is not None:
                await end.follow_up.announce()

    async def _settle(self, writing: Writing, of_call: Ending) -> Settled:
        ending = writing.ending(of_call, is_alone=len(self.wanted) == 1)
        self._close_books(writing, ending)
        images = await writing.images.stored()
        writing.values["lost_images"] = writing.images.lost
        settled = await self._books.save(writing, ending.status, self.save_end)
        generation = settled.generation or _deleted_generation(writing.turn)
        self._books.measure(writing, generation.status, ending)
        writing.live.close()
        footer = footer_html(generation, writing.live.answer, images, settled.of_parts, settled.feedback)
        writing.live.settle(End(generation.status, footer))
        return settled

    def _close_books(self, writing: Writing, ending: Ending) -> None:
        self._books.close(writing, ending, self._exchange.columns, len(self.wanted))

    async def _tell_lists(self, *, is_last: bool, has_grown: bool) -> None:
        """Tell the person's tabs, whatever they show, that the conversation is answered, if no reply runs on.

        Those that show it fetch their thread again where the reply has siblings now, or has more text than
        they were told.
        """
        person_id = self.turn.generation.completion.person_id
        if person_id is None:
            return
        conversation_id = str(self.turn.reply.conversation_id)
        events: list[Event] = [ConversationSettled(conversation_id=conversation_id)] if is_last else []
        if len(self.wanted) > 1 or has_grown:
            events.append(ConversationStale(conversation_id=conversation_id))
        await relay.broadcast(person_id, *events)


def _ending_by(error: ChatError) -> Ending:
    is_interrupted = isinstance(error, ReplyCutOffError | ReplyLostError)
    return Ending(Status.INTERRUPTED if is_interrupted else Status.FAILED, error)


def _deleted_generation(turn: Turn) -> Generation:
    """Return an unsaved row for the watchers of a reply whose conversation was deleted."""
    return Generation(message=turn.reply, completion=turn.generation.completion, status=Status.INTERRUPTED)
