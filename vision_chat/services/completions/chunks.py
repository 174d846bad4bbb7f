"""Reads a streamed chat completion: bytes in, pieces out, and at the end the `Finish`. No I/O.

Endpoints differ in small ways, and all of these are taken here: chunks without choices, `null` content,
reasoning (kept apart from the text), errors in mid-stream, a missing `[DONE]`, several chunks in one
packet, halves of an emoji in two chunks, and a whole JSON body instead of a stream.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
)
from vision_chat.services.completions import _wire
from vision_chat.services.completions._provider_errors import error_from_event, trimmed
from vision_chat.services.completions._sse import EventStream, EventTooLargeError
from vision_chat.services.completions._wire import Choice, Chunk, InvalidChunkError

DONE: Final = b"[DONE]"
MAX_BEGINNING: Final = 2000
MAX_BODY: Final = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How a reply ended and what it cost. None means: the endpoint did not say."""

    finish_reason: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd_spent: Decimal | None = None
    credits_used: Decimal | None = None
    model_name: str = ""  # as the endpoint reports it
    completion_id: str = ""  # the `id` in the chunks
    inference_id: str = ""  # from the header x-inference-id
    request_id: str = ""  # ours, sent in the header X-Client-Request-Id


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk adds: text as it came, and thoughts that came beside it."""

    text: str = ""
    thoughts: str = ""


class ReplyReader:
    """Reads one reply: `feed` it what arrives, and `close` it at the end."""

    def __init__(
        self, *, model_name: str = "", secret: str = "", cost: Mapping[str, Any] | None = None
    ) -> None:
        self.is_done = False  # [DONE] has come
        self.has_begun = False  # text or reasoning has come
        self.finish_reason: str | None = None
        self._model_name = model_name
        self._secret = secret
        self._events = EventStream()
        self._first: Chunk | None = None
        self._usage: Any = None
        self._cost: Any = cost
        self._beginning = b""  # of an answer in which no completion has been seen yet
        self._has_text = False
        self._halves = {"text": "", "thoughts": ""}  # the first halves of surrogate pairs

    @property
    def is_complete(self) -> bool:
        """True after the model's last word; what may still come is what it cost."""
        return self.is_done or self.finish_reason is not None

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield the pieces in these bytes, also those before an error. Raises CompletionErrors."""
        if self._first is None and len(self._beginning) < MAX_BEGINNING:
            self._beginning += data
        try:
            for event in self._events.feed(data):
                if piece := self._take_event(event):
                    yield piece
        except (EventTooLargeError, InvalidChunkError) as error:
            raise self._misunderstood(str(error)) from error

    def close(self) -> Iterator[Piece]:
        """Yield the last pieces when the endpoint has ended the stream. Raises CompletionErrors."""
        for event in self._events.finish():
            try:
                piece = self._take_event(event)
            except InvalidChunkError:  # half an event: it is the end mark that is missing
                break
            if piece:
                yield piece
        self._check_end()

    def finish(self, *, inference_id: str = "", request_id: str = "") -> Finish:
        """Return how the reply ended, or as much as is known before its end."""
        usage, cost = (value if isinstance(value, Mapping) else {} for value in (self._usage, self._cost))
        first = self._first or Chunk()
        return Finish(
            finish_reason=self.finish_reason,
            prompt_tokens=_wire.count(usage.get("prompt_tokens")),
            completion_tokens=_wire.count(usage.get("completion_tokens")),
            usd_spent=_wire.amount(cost.get("usd_spent")),
            credits_used=_wire.amount(cost.get("credits_used")),
            model_name=str(first.model or ""),
            completion_id=str(first.id or ""),
            inference_id=inference_id,
            request_id=request_id,
        )

    def _check_end(self) -> None:
        if self.is_complete:
            if not self._has_text:
                raise ReplyEmptyError(f"finish_reason: {self.finish_reason}")
        elif self._first is not None or not self._has_other_content():
            raise ReplyCutOffError("The stream ended without finish_reason and without [DONE].")
        else:
            raise self._misunderstood(self._beginning.decode(errors="replace"))

    def _has_other_content(self) -> bool:
        lines = self._beginning.splitlines()
        return any(line.strip() and not line.startswith(b":") for line in lines)

    def _take_event(self, data: bytes) -> Piece | None:
        if data == DONE:
            self.is_done = True
            return None
        chunk = _wire.decode(data)
        if chunk.error or chunk.choices is None:
            self._raise_error_of(data)
        self._usage = chunk.usage or self._usage
        self._cost = chunk.cost or self._cost
        piece = self._take_choice(chunk.choices[0]) if chunk.choices else None
        if self._first is None and chunk.choices is not None:
            self._first, self._beginning = chunk, b""
        return piece

    def _take_choice(self, choice: Choice) -> Piece | None:
        if choice.index:
            return None  # another alternative (`n`): one is shown
        if choice.finish_reason is not None:
            self.finish_reason = str(choice.finish_reason)
        delta = choice.delta or choice.message
        if delta is None:
            return None
        text, thoughts = delta.text, delta.thoughts
        self.has_begun = self.has_begun or bool(text or thoughts)
        self._has_text = self._has_text or bool(text.strip())
        text = self._with_whole_characters("text", text)
        thoughts = self._with_whole_characters("thoughts", thoughts)
        return Piece(text, thoughts) if text or thoughts else None

    def _with_whole_characters(self, kind: str, text: str) -> str:
        """Return `text` without halves of surrogate pairs: a first half waits for the second."""
        if text.isascii() and (not self._halves[kind] or not text):
            return text
        text, self._halves[kind] = self._halves[kind] + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._halves[kind] = text[:-1], text[-1]
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _misunderstood(self, words: str) -> CompletionError:
        kind = NotACompletionError if self._first is None else ReplyFailedError
        return kind(trimmed(words, self._secret))

    def _raise_error_of(self, data: bytes) -> None:
        try:
            event = json.loads(data.decode(errors="replace"))
        except (RecursionError, ValueError) as invalid:  # such as a number of 5,000 digits
            raise InvalidChunkError(data.decode(errors="replace")) from invalid
        error = error_from_event(event, model_name=self._model_name, secret=self._secret)
        if error is not None:
            raise error


class WholeReplyReader(ReplyReader):
    """Reads a reply from an endpoint that did not stream: one JSON body, known at its end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._body = bytearray()

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Keep the bytes for the end. Raises NotACompletionError when they are too many."""
        self._body += data
        if len(self._body) > MAX_BODY:
            raise NotACompletionError(f"The answer is larger than {MAX_BODY} bytes.")
        return iter(())

    def close(self) -> Iterator[Piece]:
        """Yield the whole text. Raises CompletionErrors."""
        self._beginning = bytes(self._body)
        try:
            piece = self._take_event(self._beginning)
        except InvalidChunkError as error:
            raise self._misunderstood(str(error)) from error
        self.is_done = self._first is not None
        if piece:
            yield piece
        self._check_end()
