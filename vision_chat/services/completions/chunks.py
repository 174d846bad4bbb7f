"""Reads a streamed chat completion: bytes in, pieces of the reply out, and at the end the `Finish`. No I/O.

Endpoints differ in small ways, and these are taken here: chunks without choices, errors in several places, a
missing `[DONE]`, events parted by one line end, JSON without `data:`, halves of an emoji in two chunks, and a
whole JSON body instead of a stream, whatever its label says. Where words stand in a chunk is known to
`_wire`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyCutOffError,
    ReplyFailedError,
)
from vision_chat.services.completions import _wire
from vision_chat.services.completions._choice import ChoiceReading
from vision_chat.services.completions._pending_lines import PendingLines
from vision_chat.services.completions._provider_errors import SentRequest, error_from_event, trimmed
from vision_chat.services.completions._sse import Kind, Line, LineStream, LineTooLongError
from vision_chat.services.completions._wire import (
    Choice,
    Chunk,
    InvalidChunkError,
    TooManyValuesError,
)
from vision_chat.services.completions.ends import ChoiceEnd, End, Finish, end_of
from vision_chat.services.completions.pieces import Piece

MAX_BEGINNING: Final = 2000
MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""Size of one event, which may hold an image, or of a whole JSON body."""
MAX_IDLE_BYTES: Final = 1024 * 1024
"""Bytes of comments, blank lines and the like that may come in a row without a word of the reply."""
MAX_SIGN: Final = 100
"""Bytes that are looked at for `[DONE]` and heartbeats: data may be megabytes."""
HEARTBEATS: Final = frozenset({b"", b"ping", b"pong", b"heartbeat", b"keep-alive", b"keepalive"})


class ReplyReader:
    """Reads one reply: `feed` it what arrives, `flush` it at the end, then `check_end`.

    `count` is the number of answers that were asked for. Those of a higher index are not read.
    """

    def __init__(
        self, sent: SentRequest | None = None, *, cost: Mapping[str, Any] | None = None, count: int = 1
    ) -> None:
        self.is_done = False  # [DONE] has come
        self.has_begun = False  # a word or a thought has come
        self._count = count
        self._choices = {0: ChoiceReading(0)}
        self._sent = sent or SentRequest()
        self._lines = LineStream(MAX_EVENT_BYTES)
        self._event = b""  # the name of the event that is read
        self._data = PendingLines(MAX_EVENT_BYTES)  # of an event that is not whole yet
        self._bare = PendingLines(MAX_EVENT_BYTES)  # of JSON without `data:`
        self._first: Chunk | None = None
        self._usage: Any = None
        self._cost: Any = cost
        self._beginning = b""  # of an answer in which no completion has been seen yet
        self._busy_until = 0  # bytes consumed when the latest word came

    @property
    def is_complete(self) -> bool:
        """True after the model's last word of each answer that has begun; what it cost may still come."""
        return self.is_done or all(choice.is_ended for choice in self._choices.values())

    @property
    def may_begin_another(self) -> bool:
        """True where fewer answers have begun than were asked for: some endpoints write them in turn."""
        return len(self._choices) < self._count and not self.is_done and self._usage is None

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield the pieces in these bytes, also those before an error. Raises CompletionErrors."""
        if self._first is None and len(self._beginning) < MAX_BEGINNING:
            self._beginning += data
        try:
            lines = self._lines.feed(data)
        except LineTooLongError as error:
            raise self._misunderstood(str(error)) from error
        yield from self._take_lines(lines)
        self._check_idle()

    def flush(self) -> Iterator[Piece]:
        """Yield the last pieces after the end of the stream, or its break. Raises CompletionErrors."""
        yield from self._take_lines(self._lines.finish(), is_torn=True)
        yield from self._take_bare(is_torn=True)

    def end_here(self) -> None:
        """Count the reply as ended because it is too long."""
        for choice in self._choices.values():
            if not choice.is_ended:
                choice.end_here()

    def check_end(self) -> None:
        """Raise the error of a reply that has ended without an end mark, or without a word."""
        if not self.is_complete:
            if self._first is None and self._has_other_content():
                raise self._misunderstood(self._beginning.decode(errors="replace"))
            raise ReplyCutOffError("The stream ended without finish_reason and without [DONE].")
        error = self.end(0).error
        if error is not None and not any(self.end(index).has_content for index in self._choices):
            raise error

    def end(self, index: int) -> ChoiceEnd:
        """Return how an answer ended, or as much as is known before its end."""
        return self._choices[index].end()

    def finish(self, *, inference_id: str = "", request_id: str = "") -> Finish:
        """Return how the reply ended, or as much as is known before its end."""
        usage, cost = (value if isinstance(value, Mapping) else {} for value in (self._usage, self._cost))
        first = self._first or Chunk()
        return Finish(
            finish_reason=self._choices[0].finish_reason,
            prompt_tokens=_wire.count(usage.get("prompt_tokens")),
            completion_tokens=_wire.count(usage.get("completion_tokens")),
            usd_spent=_wire.amount(cost.get("usd_spent")),
            credits_used=_wire.amount(cost.get("credits_used")),
            model_name=str(first.model or ""),
            completion_id=str(first.id or ""),
            inference_id=inference_id,
            request_id=request_id,
        )

    # lines become events

    def _take_lines(self, lines: Iterable[Line], *, is_torn: bool = False) -> Iterator[Piece]:
        """Yield the pieces in these lines. After the last word no error counts; of a torn end neither."""
        for line in lines:
            try:
                yield from self._take_line(line)
            except InvalidChunkError as error:
                if not (is_torn or self.is_complete):
                    raise self._misunderstood(str(error)) from error
            except CompletionError:
                if not self.is_complete:
                    raise

    def _take_line(self, line: Line) -> Iterator[Piece]:
        if line.kind is Kind.BARE:
            yield from self._add_bare(line.value)
            return
        if line.kind is Kind.DATA:
            yield from self._take_bare()
            yield from self._take_data(line.value)
        elif line.kind is Kind.EVENT:
            self._event = line.value.strip()
        elif line.kind is Kind.ERROR:
            raise self._reported(line.value)
        else:
            yield from self._end_event()
            if self._bare.may_be_whole:
                yield from self._take_bare()

    def _take_data(self, data: bytes) -> Iterator[Piece]:
        """Take a `data:` line. An event ends where its JSON is whole: not all send the blank line."""
        said = data.strip()
        sign = said[:MAX_SIGN].lower()
        if self._data:
            self._data.add(data)
        elif sign.strip(b'"') == b"[done]":
            self.is_done = True
        elif self._event == b"error":
            raise self._reported(said)
        elif sign not in HEARTBEATS:
            try:
                chunk = _wire.decode(data)
            except TooManyValuesError:
                raise
            except InvalidChunkError:
                self._data.add(data)
                return
            yield from self._take_chunk(chunk, data)

    def _end_event(self) -> Iterator[Piece]:
        self._event = b""
        if whole := self._data.take():
            yield from self._take_chunk(_wire.decode(whole), whole)

    def _add_bare(self, line: bytes) -> Iterator[Piece]:
        """Take a line of no field: one line of JSON, or one of many."""
        if line.startswith(b"{") and not self._bare.is_json:
            self._bare.take()  # not JSON, and so nothing
        is_first = not self._bare
        self._bare.add(line)
        if is_first and self._bare.may_be_whole:
            yield from self._take_bare()

    def _take_bare(self, *, is_torn: bool = False) -> Iterator[Piece]:
        """Take the lines of no field as one JSON. What is none means nothing beside events."""
        if not (whole := self._bare.take()):
            return
        try:
            chunk = _wire.decode(whole)
        except InvalidChunkError as error:
            if is_torn and self._first is None and not self.is_complete:
                raise self._misunderstood(str(error)) from error
            return
        yield from self._take_chunk(chunk, whole)
        # a whole answer is followed by no [DONE]
        self.is_done = self.is_done or any(choice.message for choice in chunk.choices or ())

    # events become pieces

    def _take_chunk(self, chunk: Chunk, data: bytes) -> Iterator[Piece]:
        choices = [choice for choice in chunk.choices or () if choice.number in range(self._count)]
        for choice in choices:
            yield from self._take_choice(choice)
        self._usage = chunk.usage or self._usage
        self._cost = chunk.cost or self._cost
        if chunk.error or chunk.choices is None:
            self._raise_error_of(data)
        for choice in choices:
            if choice.error or end_of(choice.finish_reason) is End.FAILED:
                raise self._failed(choice)
        if self._first is None and chunk.choices is not None:
            self._first, self._beginning = chunk, b""

    def _take_choice(self, choice: Choice) -> Iterator[Piece]:
        number = choice.number
        if number not in self._choices:
            self._choices[number] = ChoiceReading(number)
        piece = self._choices[number].take(choice)
        if piece:
            self.has_begun = True
            self._busy_until = self._lines.consumed
            yield piece

    # what goes wrong

    def _has_other_content(self) -> bool:
        lines = self._beginning.splitlines()
        return any(line.strip() and not line.startswith(b":") for line in lines)

    def _check_idle(self) -> None:
        if self._lines.consumed - self._busy_until <= MAX_IDLE_BYTES:
            return
        if not self.is_complete:
            raise self._misunderstood(f"{MAX_IDLE_BYTES} bytes without a word")
        self.is_done = True

    def _misunderstood(self, words: str) -> CompletionError:
        kind = NotACompletionError if self._first is None else ReplyFailedError
        return kind(trimmed(words, self._sent.secret))

    def _failed(self, choice: Choice) -> CompletionError:
        event = {"error": choice.error or f"finish_reason: {choice.finish_reason}"}
        error = error_from_event(event, self._sent)
        return error or ReplyFailedError()

    def _reported(self, data: bytes) -> CompletionError:
        """Return the error that an event of errors reports, as JSON or in words."""
        try:
            said = json.loads(data.decode(errors="replace"))
        except (RecursionError, ValueError):
            said = data.decode(errors="replace")
        event = said if isinstance(said, dict) and said.get("error") else {"error": said or "error"}
        error = error_from_event(event, self._sent)
        return error or ReplyFailedError(trimmed(str(said), self._sent.secret))

    def _raise_error_of(self, data: bytes) -> None:
        try:
            event = json.loads(data.decode(errors="replace"))
        except (RecursionError, ValueError) as invalid:  # such as a number of 5,000 digits
            raise InvalidChunkError(data.decode(errors="replace")) from invalid
        error = error_from_event(event, self._sent)
        if error is not None:
            raise error
