"""The runner of this process's replies, which keeps them in memory for a while after their end.

The first to settle a reply's row, by compare-and-set, decides how it ended.
"""

import asyncio
import logging
import uuid
from collections.abc import Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import NamedTuple

from vision_chat.errors.turns import ShuttingDownError
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.presentation.places import items_html
from vision_chat.services.presentation.thoughts import thoughts_label
from vision_chat.services.replies import _further, checkpoints, ends
from vision_chat.services.replies._answer_images import AnswerImages
from vision_chat.services.replies._aside import Aside
from vision_chat.services.replies._live_places import LivePlaces
from vision_chat.services.replies._measures import note_start
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies._pacing import Ticker
from vision_chat.services.replies._run import Run
from vision_chat.services.replies._writing import Writing
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.dependencies import Dependencies, FollowUp
from vision_chat.services.replies.ends import FindFollowUp, Settled
from vision_chat.services.replies.line import Given, Line
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.slots import Door, ReplyLimits
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.replies.turn import Turn
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, ReplySoFar
from vision_chat.services.vision.family import Places as PlacesSpec
from vision_chat.services.vision.family import known_family

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
"""Interval of saving all running texts: a crash loses at most so much, plus the time of one write."""
END_SECONDS = 3.0
"""Time at shutdown for saving the ends of replies. A lock that another process holds takes no longer."""
LINGER_SECONDS = 30.0
"""Time for which a settled reply stays in memory, for watchers that arrive late."""


class Counts(NamedTuple):
    """Numbers of replies."""

    running: int
    queued: int


class Runner:
    """The replies of this process. Used on the event loop only, except for `live` and `written`."""

    def __init__(self, dependencies: Dependencies, limits: ReplyLimits | None = None) -> None:
        self.boot_id = uuid.uuid4().hex
        self.dependencies = dependencies
        self._runs: dict[int, Run] = {}
        self._live_replies: dict[int, LiveReply] = {}
        self._late_settlements: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._drains_until = float("inf")
        self._limits = limits or ReplyLimits()
        self._ticker = Ticker()
        self.line = Line(self)
        self._aside = Aside(dependencies.writer, self.door)

    @property
    def is_draining(self) -> bool:
        """True from the moment at which the process is to end."""
        return self._is_draining

    def door(self) -> Door:
        """Return the door of new replies: with it their rows are made, then `start` is called.

        Raises ShuttingDownError during shutdown, when a new reply would be interrupted at once.
        """
        if self._is_draining:
            raise ShuttingDownError
        return Door(boot_id=self.boot_id, limits=self._limits, aside=self._aside.by_address)

    def start(self, turn: Turn) -> LiveReply | None:
        """Start a task that writes the turn's reply. Returns None where that waits for a slot first."""
        if turn.generation.is_queued:
            self._live_replies.pop(turn.reply.pk, None)  # what lingers of it has ended, and goes on now
            self.line.wake()
            self.line.changed()
            return None
        writing = self._begin(turn)
        live = writing.live
        run = Run(writing, self.dependencies, self._save_end, self._open_choice, self._begin_next_part)
        self._runs[writing.message_id] = run
        run.task = asyncio.create_task(run.write(), name=f"reply {writing.message_id}")
        run.task.add_done_callback(lambda task: self._ended(run, task))
        return live

    def _begin(self, turn: Turn) -> Writing:
        """Put a reply that is to be written into memory, where it can be watched."""
        endpoint = turn.settings.endpoint
        spec = known_family(endpoint.rules.family, endpoint.model_name).places
        live = self.new_live(
            turn.reply.pk,
            turn.parts,
            divider=turn.divider,
            thinking=Thinking(thoughts_label, before_ms=turn.thought_ms),
            # each part is another picture to the model, and one answer may name places in all of them
            places=None if turn.is_of_part else spec,
        )
        self._live_replies[turn.reply.pk] = live
        note_start(turn.generation)
        return Writing(turn, live, AnswerImages(turn, self.dependencies), saved_length=live.length)

    def new_live(
        self,
        message_id: int,
        parts: Sequence[Part],
        *,
        divider: Divider | None,
        thinking: Thinking,
        places: PlacesSpec | None,
    ) -> LiveReply:
        """Return a live reply that begins with `parts` and has the tick of all. Callable from any thread."""
        return LiveReply(
            str(message_id),
            StreamingDocument,
            self._ticker,
            parts,
            divider=divider,
            thinking=thinking,
            places=None if places is None else LivePlaces(places, items_html),
        )

    async def _open_choice(self, run: Run, index: int) -> Writing | None:
        """Begin another reply of a running call, beside the first."""
        writer = self.dependencies.writer
        row = await writer.run(_further.add_choice, run.first.snapshot(), index, self.boot_id)
        if row is None:
            return None
        writing = self._begin(replace(run.turn, reply=row.message, generation=row))
        self._runs[writing.message_id] = run
        return writing

    async def _begin_next_part(
        self, checkpoint: Checkpoint, outcome: Outcome, turn: Turn
    ) -> tuple[Generation, str] | None:
        writer = self.dependencies.writer
        begun = await writer.run(_further.begin_next_part, checkpoint, outcome, turn, self.boot_id)
        if begun is not None:
            note_start(begun[0])
        return begun

    def slot_aside(
        self, person: Hashable, running: int, endpoint: Endpoint, *, seconds: float
    ) -> AbstractAsyncContextManager[None]:
        """Hold a slot for a call that writes no reply: `Aside.slot`."""
        return self._aside.slot(person, running, endpoint, seconds=seconds)

    def live(self, message_id: int) -> LiveReply | None:
        """Return the reply while it runs here, and shortly afterwards. Callable from any thread."""
        return self._live_replies.get(message_id)

    def written(self, message_id: int) -> ReplySoFar | None:
        """Return what a reply consists of that runs here, newer than its rows. Callable from any thread."""
        live = self._live_replies.get(message_id)
        return live.written if live and live.end is None else None

    @property
    def has_live(self) -> bool:
        """True while replies are in memory."""
        return bool(self._live_replies)

    def counts(self) -> Counts:
        """Return how many calls run here, and how many replies of all processes wait for a slot."""
        return Counts(running=len(set(self._runs.values())) + self._aside.count, queued=self.line.waiting)

    def generation_ids(self) -> list[int]:
        """Return the ids of the generations that run here, or are being settled."""
        return [writing.generation_id for run in set(self._runs.values()) for writing in run.wanted]

    def held(self) -> list[int]:
        """Return the replies that hold a slot here while their endpoint is paused, the latest first."""
        runs = reversed(self._runs.values())
        return [run.first.message_id for run in runs if run.may_give_back]

    async def give_back(self, message_id: int) -> Given | None:
        """Forget a reply that holds its slot for nothing.

        Returns None where it has got its turn meanwhile. Its rows are still those of this process.
        """
        run = self._runs.get(message_id)
        if run is None or not run.may_give_back:
            return None
        del self._runs[message_id]  # at once: a stop is written on its row from now on
        await run.give_back()
        live = self._live_replies.pop(message_id)
        return Given(run.first.generation_id, run.turn.reply.conversation_id, live)

    def stop(self, message_id: int) -> bool:
        """Stop a reply, its request and all that this writes. Returns False where it does not run here."""
        run = self._runs.get(message_id)
        if run is not None:
            run.cancel(Status.STOPPED)
        return run is not None

    async def follow_up_on(self, reply_id: int) -> None:
        """Send the message that waits for a reply which has ended without sending it."""
        dispatch = self.dispatch()
        if dispatch is None:
            return
        follow_up = await self.dependencies.writer.run(ends.follow_up_on, reply_id, dispatch)
        self.start_next(follow_up)
        if follow_up is not None:
            await follow_up.announce()

    def close_door(self, grace: float) -> None:
        """Refuse new turns from now on. Running replies have `grace` seconds, or the rest of earlier ones."""
        self._is_draining = True
        self._drains_until = min(self._drains_until, asyncio.get_running_loop().time() + grace)

    async def drain(self, grace: float) -> None:
        """Refuse new turns, wait for running replies as long as they have, then interrupt them."""
        self.close_door(grace)
        tasks = {run.task for run in self._runs.values() if run.task}
        if tasks:
            left = self._drains_until - asyncio.get_running_loop().time()
            await asyncio.wait(tasks, timeout=max(0.0, left))
        for run in list(self._runs.values()):
            run.cancel(Status.INTERRUPTED)
        if tasks:
            await asyncio.wait(tasks, timeout=END_SECONDS)

    async def run_checkpoints(self) -> None:
        """Save all running replies each CHECKPOINT_SECONDS, until cancelled. A failed save is repeated."""
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            try:
                await self.checkpoint()
            except Exception:
                # a full disk, a database that restarts: the texts are still in memory
                logger.exception("The running replies could not be saved; trying again")

    async def checkpoint(self) -> None:
        """Save all running replies, and cancel those that nobody wants or another process has settled."""
        all_runs = set(self._runs.values())
        running = [run for run in all_runs if not (run.is_ending or run.is_between_parts)]
        runs = {writing.generation_id: run for run in running for writing in run.wanted}
        if not runs:
            return
        writings = [writing for run in running for writing in run.wanted]
        saved = [(each, each.live.length) for each in writings if each.live.length > each.saved_length]
        texts = [writing.snapshot() for writing, _ in saved]
        to_end = await self.dependencies.writer.run(checkpoints.save, self.boot_id, list(runs), texts)
        for writing, length in saved:
            writing.saved_length = length
        for generation_id in to_end.lost:
            if runs[generation_id].writes(generation_id):  # else its part has ended while this was saved
                runs[generation_id].cancel(Status.INTERRUPTED)
        for generation_id in to_end.unwanted:
            runs[generation_id].cancel(Status.STOPPED)

    async def _save_end(self, checkpoint: Checkpoint, outcome: Outcome) -> Settled:
        """Save the end of a reply, and start the reply to the message that waited for it.

        During shutdown that goes on waiting: the next process sends it.
        """
        settled = await self.dependencies.writer.run(ends.settle, checkpoint, outcome, self.dispatch())
        self.start_next(settled.follow_up)
        if settled.has_queued:
            self.line.wake()  # its slot is free
        return settled

    def dispatch(self) -> FindFollowUp | None:
        """Return what sends the message that waits for a reply; None during shutdown."""
        if self._is_draining:
            return None
        door = self.door()
        return lambda reply_id: self.dependencies.dispatch(reply_id, door)

    def start_next(self, follow_up: FollowUp | None) -> None:
        """Start the reply to a message that has waited for the end of another one."""
        if follow_up is not None and follow_up.turn is not None:
            self.start(follow_up.turn)

    def _ended(self, run: Run, task: asyncio.Task[None]) -> None:
        """Forget a run whose task has ended; settle it first where the task has not."""
        if run.is_given_back:
            return
        if run.is_settled:
            self._forget(run)
            return
        settlement = asyncio.create_task(run.settle_after(task))
        self._late_settlements.add(settlement)
        settlement.add_done_callback(self._late_settlements.discard)
        settlement.add_done_callback(lambda _: self._forget(run))

    def _forget(self, run: Run) -> None:
        for writing in run.wanted:
            if self._runs.get(writing.message_id) is run:  # not where the reply is continued already
                del self._runs[writing.message_id]
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._drop, writing)

    def _drop(self, writing: Writing) -> None:
        if self._live_replies.get(writing.message_id) is writing.live:
            del self._live_replies[writing.message_id]
