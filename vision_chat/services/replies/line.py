"""The line of replies that wait for a slot, as one process serves it: it takes those whose turn it is."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from django.db.utils import InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.events import ConversationSettled, ConversationStale
from vision_chat.models.generation import Status
from vision_chat.services.replies import admission, ends
from vision_chat.services.replies._measures import note_end
from vision_chat.services.replies._outcomes import Outcome, error_values
from vision_chat.services.replies.admission import Taking
from vision_chat.services.replies.dependencies import Dependencies, FollowUp
from vision_chat.services.replies.ends import FindFollowUp
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.slots import Door, InLine
from vision_chat.services.replies.turn import Turn
from vision_chat.services.site import relay

logger = logging.getLogger(__name__)

TICK_SECONDS: Final = 1.0
"""Interval of looks while replies wait: a slot may become free in another process, or a limit be raised."""
LAST_SECONDS: Final = 3.0
"""Time at the end of the process for letting wait again what it has taken and not started."""


class Given(NamedTuple):
    """A reply that has given its slot back: its rows, and what pages follow."""

    generation_id: int
    conversation_id: uuid.UUID
    live: LiveReply


class OwnReplies(Protocol):
    """The replies of this process, as the runner has them."""

    boot_id: str

    @property
    def is_draining(self) -> bool: ...
    @property
    def dependencies(self) -> Dependencies: ...
    def door(self) -> Door: ...
    def start(self, turn: Turn) -> LiveReply | None: ...
    def dispatch(self) -> FindFollowUp | None: ...
    def start_next(self, follow_up: FollowUp | None) -> None: ...
    def held(self) -> Sequence[int]: ...
    async def give_back(self, message_id: int) -> Given | None: ...


@dataclass(frozen=True, slots=True)
class _Unstarted:
    """A reply that this process has by its row, and that does not run."""

    message_id: int
    error: ChatError | None = None
    """By which it ends once it waits again."""
    given: Given | None = None


class Line:
    """Takes queued replies while there are slots. Used on the event loop only.

    It looks where it is woken: by a reply that waits, a slot that is free, and another process's death.
    While replies wait it looks by the clock too.
    """

    def __init__(self, replies: OwnReplies) -> None:
        self.waiting = 0
        """How many waited in the last look, for all processes."""
        self._replies = replies
        self._woken = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._taken_listeners: list[Callable[[InLine], None]] = []
        self._unstarted: dict[int, _Unstarted] = {}
        """Generations that are to wait again."""

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` where the line has changed here."""
        self._listeners.append(listener)

    def on_taken(self, listener: Callable[[InLine], None]) -> None:
        """Call `listener` with each reply that this process has taken, once it is in memory."""
        self._taken_listeners.append(listener)

    def changed(self) -> None:
        """Tell those who show numbers in the line."""
        for listener in self._listeners:
            listener()

    async def run(self) -> None:
        """Serve the line until cancelled; at first what others have left. What fails is tried again."""
        while True:
            self._woken.clear()
            looking = asyncio.create_task(self._look())
            try:
                looks_again = await asyncio.shield(looking)
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_SECONDS if looks_again else None):
                        await self._woken.wait()
            except asyncio.CancelledError:
                await self._finish(looking)
                raise

    async def _look(self) -> bool:
        """Take what there are slots for. Returns whether to look again by the clock."""
        try:
            self.waiting = await self.take_all()
        except Exception:
            logger.exception("Replies that wait for a slot could not be taken; trying again")
            return True
        return self.waiting > 0

    async def _finish(self, looking: "asyncio.Task[bool]") -> None:
        """Leave no reply taken that nobody writes: a thread goes on taking it where a task is cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await looking
                if self._unstarted:
                    await self._look()

    async def take_all(self) -> int:
        """Take queued replies while there are slots. Returns how many go on waiting."""
        await self._put_back()
        while not self._replies.is_draining:
            taking = await self._take()
            for message_id in taking.unwanted:
                await self.end(message_id, Status.STOPPED)
            if taking.taken is not None:
                await self._begin(taking.taken)
            if taking.taken is not None or taking.unwanted:
                self.changed()
            if taking.left and taking.taken is None and await self._make_room():
                continue
            if taking.taken is None or not taking.left:
                return taking.left
        return 0  # another process looks within a second or two

    async def _take(self) -> Taking:
        """Take the next one. Where the answer is lost it may be ours by now: then it waits again."""
        chosen: list[InLine] = []
        try:
            return await self._replies.dependencies.writer.run(
                admission.take, self._replies.door(), chosen.append
            )
        except (OperationalError, InterfaceError):
            self._unstarted |= {each.generation_id: _Unstarted(each.message_id) for each in chosen}
            raise

    async def _make_room(self) -> bool:
        """Let replies wait again that hold slots for nothing, as many as others want; whether any do."""
        held = self._replies.held()
        if not held or self._replies.is_draining:
            return False
        writer, door = self._replies.dependencies.writer, self._replies.door()
        wanted = await writer.run(admission.wanted_elsewhere, door, len(held))
        given = [await self._replies.give_back(message_id) for message_id in held[:wanted]]
        for each in filter(None, given):
            self._unstarted[each.generation_id] = _Unstarted(int(each.live.message_id), given=each)
        await self._put_back()
        return any(given)

    async def end(self, message_id: int, status: Status, error: ChatError | None = None) -> None:
        """End a reply that waits for a slot. Does nothing where it does not, or a process has taken it."""
        outcome = Outcome(status, error_values(error) if error else {}, {})
        writer, dispatch = self._replies.dependencies.writer, self._replies.dispatch()
        ended = await writer.run(ends.end_queued, message_id, outcome, dispatch)
        if ended is None:
            return
        settled, person_id, conversation_id = ended
        if settled.generation is not None:
            note_end(settled.generation, settled.generation.status, outcome.generation, error)
        self._replies.start_next(settled.follow_up)
        self.changed()
        if settled.is_last:
            await relay.broadcast(person_id, ConversationSettled(conversation_id=str(conversation_id)))
        if settled.follow_up is not None:
            await settled.follow_up.announce()

    async def _begin(self, taken: InLine) -> None:
        """Start a reply that was taken, from its rows."""
        parts = self._replies.dependencies
        try:
            turn = await parts.writer.run(parts.rebuild, taken.generation_id, self._replies.boot_id)
        except (OperationalError, InterfaceError):
            self._unstarted[taken.generation_id] = _Unstarted(taken.message_id)
            raise
        except ChatError as error:
            await self._fail(taken, error)
            return
        except Exception as error:
            logger.exception("The turn of queued reply %s could not be made", taken.message_id)
            await self._fail(taken, ChatError(repr(error)))
            return
        if turn is None:
            return  # it was purged, or has ended meanwhile
        if self._replies.is_draining:
            self._unstarted[taken.generation_id] = _Unstarted(taken.message_id)
            await self._put_back()
            return
        self._replies.start(turn)
        for listener in self._taken_listeners:
            listener(taken)

    async def _fail(self, taken: InLine, error: ChatError) -> None:
        self._unstarted[taken.generation_id] = _Unstarted(taken.message_id, error)
        await self._put_back()

    async def _put_back(self) -> None:
        """Let wait again what was taken and does not run. What remains is put back in the next look."""
        parts, boot_id = self._replies.dependencies, self._replies.boot_id
        for generation_id, unstarted in list(self._unstarted.items()):
            await parts.writer.run(admission.put_back, generation_id, boot_id)
            del self._unstarted[generation_id]
            if (given := unstarted.given) is not None:
                given.live.leave(ConversationStale(conversation_id=str(given.conversation_id)))
                self.changed()
            if unstarted.error is not None:
                await self.end(unstarted.message_id, Status.FAILED, unstarted.error)
