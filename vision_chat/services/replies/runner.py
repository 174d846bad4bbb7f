"""Runs the replies of this process and keeps them for a while after their end.

Whoever settles a reply's row first, by compare-and-set, decides how it ended; every other writer learns
that it came too late.
"""

import asyncio
import logging
import uuid

from vision_chat.errors.turns import ShuttingDownError
from vision_chat.models.generation import Status
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.replies import checkpoints
from vision_chat.services.replies._pacing import Ticker
from vision_chat.services.replies._run import Run
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.turn import Turn

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
"""What a crash can lose of a running reply, at most, plus the time of one write."""
LINGER_SECONDS = 30.0
"""How long a settled reply stays in memory, for watchers that hear of it late."""


class Runner:
    """The replies of this process. Made and used on the event loop only, but for `live`."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.boot_id = uuid.uuid4().hex
        self.dependencies = dependencies
        self._runs: dict[int, Run] = {}
        self._lives: dict[int, LiveReply] = {}
        self._rescues: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._ticker = Ticker()

    def refuse_while_draining(self) -> None:
        """Raises ShuttingDownError where a new turn would be interrupted at once."""
        if self._is_draining:
            raise ShuttingDownError

    def start(self, turn: Turn) -> LiveReply:
        """Begin to write the turn's reply. The request leaves at the loop's next chance."""
        text = turn.reply.text
        live = LiveReply(str(turn.reply.pk), StreamingDocument, self._ticker, text)
        run = Run(turn, live, self.dependencies, saved_length=len(text))
        self._runs[run.message_id] = run
        self._lives[run.message_id] = live
        run.task = asyncio.create_task(run.write(), name=f"reply {run.message_id}")
        run.task.add_done_callback(lambda task: self._ended(run, task))
        return live

    def live(self, message_id: int) -> LiveReply | None:
        """Return the reply while it runs here, and shortly afterwards. Callable from any thread."""
        return self._lives.get(message_id)

    def running_text(self, message_id: int) -> str | None:
        """Return the text of a reply that runs here, newer than its row. Callable from any thread."""
        live = self._lives.get(message_id)
        return live.text if live and live.end is None else None

    def generation_ids(self) -> list[int]:
        """Return the rows of what runs here, also of what is just being settled."""
        return [run.generation_id for run in self._runs.values()]

    def stop(self, message_id: int) -> None:
        """End a reply because the person said so, at the endpoint too. Too late or twice is no error."""
        if run := self._runs.get(message_id):
            run.cancel(Status.STOPPED)

    async def drain(self, grace: float) -> None:
        """Refuse new turns, give running replies `grace` seconds, then interrupt them."""
        self._is_draining = True
        tasks = [run.task for run in self._runs.values() if run.task]
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for run in list(self._runs.values()):
            run.cancel(Status.INTERRUPTED)
        if tasks:
            await asyncio.wait(tasks, timeout=max(grace, CHECKPOINT_SECONDS))

    async def checkpoint_by_the_clock(self) -> None:
        """Save all running replies once a second, until cancelled. A failed save is tried again."""
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            try:
                await self.checkpoint()
            except Exception:
                # a full disk, a database that restarts: the texts stay in memory for the next time
                logger.exception("The running replies could not be saved; trying again")

    async def checkpoint(self) -> None:
        """Save all running replies, and cancel those whose row another process has settled."""
        runs = {run.generation_id: run for run in self._runs.values() if not run.is_ending}
        if not runs:
            return
        saved = [(run, run.live.length) for run in runs.values() if run.live.length > run.saved_length]
        texts = [run.checkpoint() for run, _ in saved]
        lost = await self.dependencies.writer.run(checkpoints.save, self.boot_id, list(runs), texts)
        for run, length in saved:
            run.saved_length = length
        for generation_id in lost:
            runs[generation_id].cancel(Status.INTERRUPTED)

    def _ended(self, run: Run, task: "asyncio.Task[None]") -> None:
        """Forget the run. No reply stays running for ever because its task ended before it could settle."""
        if run.live.end is None:
            rescue = asyncio.create_task(run.settle_after(task))
            self._rescues.add(rescue)
            rescue.add_done_callback(self._rescues.discard)
            rescue.add_done_callback(lambda _: self._forget(run))
        else:
            self._forget(run)

    def _forget(self, run: Run) -> None:
        if self._runs.get(run.message_id) is run:  # a continuation may run by now
            del self._runs[run.message_id]
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._drop, run)

    def _drop(self, run: Run) -> None:
        if self._lives.get(run.message_id) is run.live:
            del self._lives[run.message_id]
