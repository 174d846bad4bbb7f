"""The books of one call: what its rows are to say, saved at each end until the database takes it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.utils import InterfaceError, OperationalError

from vision_chat.models.generation import Status
from vision_chat.services.replies._measures import note_end, note_usage, send_span
from vision_chat.services.replies._outcomes import Ending, Outcome, Values, error_values
from vision_chat.services.replies._writing import Writing
from vision_chat.services.replies.checkpoints import Checkpoint

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Books:
    """Keep the columns of a call's completion, and close those of its answers' generations.

    The call begins as its books do. What it has cost counts with the answer that `first` writes.
    """

    first: Writing
    _started_at: float = field(default_factory=time.monotonic)
    _completion: Values = field(default_factory=dict)

    @property
    def elapsed_ms(self) -> int:
        """The time since the call began."""
        return round((time.monotonic() - self._started_at) * 1000)

    def note(self, columns: Mapping[str, object]) -> None:
        """Take note of columns of the completion."""
        self._completion |= columns

    def close(self, writing: Writing, ending: Ending, sent: Mapping[str, object], answers: int) -> None:
        """Take note of how an answer has ended, of so many; `sent` are the columns of the request."""
        writing.values |= {"duration_ms": self.elapsed_ms, "first_token_ms": writing.first_token_ms}
        if ending.error is not None:
            writing.values |= error_values(ending.error)
        self.note(sent)
        self.note(_missing_answers(sent, answers))

    async def save(
        self, writing: Writing, status: Status, save: Callable[[Checkpoint, Outcome], Awaitable[Result]]
    ) -> Result:
        """Save the end, again until it works: a disk may be full, or the database restart."""
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                return await save(writing.snapshot(), Outcome(status, writing.values, self._completion))
            except (OperationalError, InterfaceError):
                logger.exception("The end of reply %s could not be saved; trying again", writing.message_id)
            except Exception:
                logger.exception(
                    "The figures of reply %s cannot be saved and are left out", writing.message_id
                )
                writing.values, self._completion = {}, {}
            await asyncio.sleep(delay)
            delay = min(delay * 2, MAX_RETRY_SECONDS)

    def measure(self, writing: Writing, status: str, ending: Ending) -> None:
        """Count the end of an answer, and with the first one what the call has cost."""
        usage = self._completion if writing is self.first else {}
        if usage:
            note_usage(writing.turn.generation, usage)
        note_end(writing.turn.generation, status, writing.values, ending.error)
        send_span(writing.turn.generation, status, writing.values | usage, ending.error)


def _missing_answers(sent: Mapping[str, object], answers: int) -> Values:
    """Return the column that says how many answers were asked for and not given."""
    fields, left_out = sent.get("parameters"), sent.get("left_out")
    if not isinstance(fields, dict) or not isinstance(left_out, dict):
        return {}
    missing = (fields.get("n") or 1) - answers
    return {"left_out": {**left_out, "answers": missing}} if missing > 0 else {}
