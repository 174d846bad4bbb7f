"""Runs the replies of this process: stream -> live -> checkpoint -> settle.

A reply is a task that belongs to nobody's socket. Whoever settles its row first, by compare-and-set,
decides how it ended; everybody else learns that they came too late.
"""

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass, field

from django.db.utils import InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import ModelNotFoundError, ReplyCutOffError, ReplyLostError
from vision_chat.errors.turns import ShuttingDownError
from vision_chat.models import Generation, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.completions.catalogue import UNKNOWN, Offer
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.conversations.turns import NewGeneration, Turn
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.presentation import transcript
from vision_chat.services.replies import checkpoints, prompts
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.outcomes import error_values, finish_values, storable
from vision_chat.services.replies.pacing import Ticker
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
"""What a crash can lose of a running reply, at most, plus the time of one write."""
LONGEST_RETRY_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Run:
    """One reply being written. `values` are the columns of its generation that are known so far."""

    turn: Turn
    live: LiveReply
    started_at: float = field(default_factory=time.monotonic)
    first_token_ms: int | None = None
    task: "asyncio.Task[None] | None" = None
    cancelled_as: Status = Status.INTERRUPTED
    has_ended: bool = False
    saved_length: int = 0
    values: dict[str, object] = field(default_factory=dict)

    @property
    def generation(self) -> Generation:
        return self.turn.generation

    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.started_at) * 1000)

    def take(self, text: str) -> None:
        """More of the answer has come."""
        if self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms()
        self.live.append(storable(text))

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.generation.pk, self.turn.reply.pk, self.live.text)


class Runner:
    """The running replies of this process. Made and used on the event loop only."""

    def __init__(
        self,
        *,
        writer: Writer,
        client: CompletionClient,
        endpoint: Endpoint,
        timeouts: Timeouts,
        system_prompt: str = "",
    ) -> None:
        self.boot_id = uuid.uuid4().hex
        self.endpoint = endpoint
        self._writer = writer
        self._client = client
        self._timeouts = timeouts
        self._system_prompt = system_prompt
        self._runs: dict[int, Run] = {}
        self._rescues: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._ticker = Ticker()
        self.model_status = UNKNOWN
        """What the provider's catalogue says about the model."""

    async def look_up_model(self) -> None:
        """Ask the catalogue whether it still has the model."""
        self.model_status = await self._client.look_up(self.endpoint)
        if self.model_status.offer is Offer.RETIRED:
            logger.warning("The endpoint no longer offers %s", self.endpoint.model_name)

    def new_generation(self) -> NewGeneration:
        """What a new row says of this process. Raises ShuttingDownError while it drains."""
        if self._is_draining:
            raise ShuttingDownError
        return NewGeneration(self.endpoint.model_name, self.endpoint.base_url, self.boot_id)

    def start(self, turn: Turn) -> LiveReply:
        """Begin to write the turn's reply. The request leaves at the loop's next chance."""
        live = LiveReply(str(turn.reply.pk), StreamingDocument, turn.reply.text, self._ticker.soon)
        run = Run(turn, live, saved_length=live.length)
        self._runs[turn.reply.pk] = run
        run.task = asyncio.create_task(self._write(run), name=f"reply {turn.reply.pk}")
        run.task.add_done_callback(lambda task: self._report(run, task))
        return live

    def live(self, message_id: int) -> LiveReply | None:
        """The running reply with this id, if this process runs it. May be called from any thread."""
        run = self._runs.get(message_id)
        return run.live if run else None

    def generation_ids(self) -> list[int]:
        """The rows of what runs here, also of what is just being settled."""
        return [run.generation.pk for run in self._runs.values()]

    def stop(self, message_id: int) -> None:
        """End a reply because the person said so, at the endpoint too. Too late or twice is no error."""
        self._cancel(self._runs.get(message_id), Status.STOPPED)

    def _cancel(self, run: Run | None, status: Status) -> None:
        if run is not None and run.task is not None and not run.has_ended:
            run.has_ended = True
            run.cancelled_as = status
            run.task.cancel()

    async def drain(self, grace: float) -> None:
        """Refuse new turns, give running replies `grace` seconds, then interrupt them."""
        self._is_draining = True
        tasks = [run.task for run in self._runs.values() if run.task]
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for run in list(self._runs.values()):
            self._cancel(run, Status.INTERRUPTED)
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
        """Save all running replies, and cancel those whose row somebody else has settled."""
        runs = {run.generation.pk: run for run in self._runs.values() if not run.has_ended}
        if not runs:
            return
        grown = [run for run in runs.values() if run.live.length > run.saved_length]
        saved = [(run, run.live.length) for run in grown]
        texts = [run.checkpoint() for run in grown]
        lost = await self._writer.run(checkpoints.save, self.boot_id, list(runs), texts)
        for run, length in saved:
            run.saved_length = length
        for generation_id in lost:
            self._cancel(runs[generation_id], Status.INTERRUPTED)

    async def _write(self, run: Run) -> None:
        status = Status.COMPLETED
        error: ChatError | None = None
        try:
            await self._stream(run)
        except asyncio.CancelledError:
            status = run.cancelled_as
        except (ReplyCutOffError, ReplyLostError) as cut:
            status, error = Status.INTERRUPTED, cut
        except ChatError as refused:
            status, error = Status.FAILED, refused
            if isinstance(refused, ModelNotFoundError):
                run.has_ended = True
                await self.look_up_model()
        except Exception as bug:
            logger.exception("The reply to message %s failed", run.turn.reply.parent_id)
            status, error = Status.FAILED, ChatError(repr(bug))
        run.has_ended = True  # from here on a stop comes too late and must not cancel the last save
        await self._settle(run, status, error)

    async def _stream(self, run: Run) -> None:
        prompt = await self._prompt(run)
        run.values["left_out"] = prompt.left_out.to_json()
        async with self._client.stream(
            self.endpoint,
            prompt.messages,
            Parameters(max_tokens=prompt.max_tokens),
            request_id=run.generation.request_id,
            timeouts=self._timeouts,
        ) as completion:
            try:
                await completion.read(run.take)
            finally:
                run.values |= finish_values(completion.finish)

    async def _prompt(self, run: Run) -> prompts.Prompt:
        branch = run.turn.branch

        def build() -> prompts.Prompt:
            return prompts.build(
                branch,
                self.endpoint.rules,
                _read_picture,
                system_prompt=self._system_prompt,
                continues=run.turn.continues,
            )

        has_pictures = any(message.pictures for message in branch)
        return await asyncio.to_thread(build) if has_pictures else build()

    async def _settle(self, run: Run, status: Status, error: ChatError | None) -> None:
        run.values |= {"duration_ms": run.elapsed_ms(), "first_token_ms": run.first_token_ms}
        if error is not None:
            run.values |= error_values(error)
        claimed = await self._settle_row(run, status)
        generation = run.generation
        if claimed:
            for name, value in (run.values | {"status": status}).items():
                setattr(generation, name, value)
        else:
            generation.status = Status.INTERRUPTED
        footer = transcript.footer_html(generation, has_text=run.live.length > 0)
        if self._runs.get(run.turn.reply.pk) is run:  # a continuation may run by now
            del self._runs[run.turn.reply.pk]
        run.live.settle(End(generation.status, footer))

    async def _settle_row(self, run: Run, status: Status) -> bool:
        delay = CHECKPOINT_SECONDS
        while True:
            try:
                return await self._writer.run(checkpoints.settle, run.checkpoint(), status, run.values)
            except (OperationalError, InterfaceError):
                # a full disk, a database that restarts: the text stays in memory for the next time
                logger.exception("The end of reply %s could not be saved; trying again", run.turn.reply.pk)
            except Exception:
                logger.exception(
                    "The figures of reply %s are left out: they cannot be saved", run.turn.reply.pk
                )
                run.values = {}
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_RETRY_SECONDS)

    def _report(self, run: Run, task: "asyncio.Task[None]") -> None:
        """The last net: no reply stays running for ever because its task ended before it could settle."""
        if run.live.end is not None:
            return
        status, error = run.cancelled_as, None
        if not task.cancelled():
            status, error = Status.FAILED, ChatError(repr(task.exception()))
            logger.error("The task of reply %s broke", run.turn.reply.pk, exc_info=task.exception())
        run.has_ended = True
        rescue = asyncio.create_task(self._settle(run, status, error))
        self._rescues.add(rescue)
        rescue.add_done_callback(self._rescues.discard)


def _read_picture(image: UploadedImage) -> bytes:
    with image.model.open("rb") as file:
        data: bytes = file.read()
    return data
