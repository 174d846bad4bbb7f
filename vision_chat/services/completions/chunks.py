"""What a streamed chat completion says: bytes in, text out, and at the end the `Finish`. No I/O.

Endpoints differ in small ways, and all of these are taken here: chunks without choices, `null` content,
reasoning (not shown), errors in mid-stream, a missing `[DONE]`, several chunks in one packet, halves of
an emoji in two chunks, and a whole JSON body instead of a stream.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
)
from vision_chat.services.completions.chunk_shape import ChunkShape
from vision_chat.services.completions.provider_errors import error_event, trimmed
from vision_chat.services.completions.sse import Event, EventStream, EventTooLargeError

DONE: Final = b"[DONE]"
MAX_BEGINNING: Final = 2000
MAX_BODY: Final = 8 * 1024 * 1024
SHAPES_TRIED: Final = 4
"""After so many shapes the endpoint is one whose chunks have nothing in common."""


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How a reply ended and what it cost. None means: the endpoint did not say."""

    finish_reason: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd_spent: Decimal | None = None
    credits_used: Decimal | None = None
    model_name: str = ""  # as the endpoint reports it
    completion_id: str = ""
    inference_id: str = ""  # the provider's own id, from the headers
    request_id: str = ""  # ours

    @property
    def cut_by_length(self) -> bool:
        """The answer reached max_tokens: it can be continued."""
        return self.finish_reason == "length"


class NonsenseError(ValueError):
    """An event that is no chunk of a chat completion."""


class ReplyReader:
    """Reads one reply. `feed` it what arrives and show what it gives; `close` it at the end."""

    def __init__(
        self, *, model_name: str = "", redact: str = "", cost: Mapping[str, Any] | None = None
    ) -> None:
        self.done = False  # [DONE] has come
        self.has_begun = False  # text or reasoning has come
        self.finish_reason: str | None = None
        self.failure: CompletionError | None = None  # to be raised once the text before it is taken
        self._model_name = model_name
        self._redact = redact
        self._events = EventStream()
        self._first: Mapping[str, Any] = {}
        self._usage: Mapping[str, Any] = {}
        self._cost: Mapping[str, Any] = cost or {}
        self._beginning = b""  # of an answer in which no completion has been seen yet
        self._has_text = False
        self._has_halves = False
        self._half = ""
        self._shape: ChunkShape | None = None
        self._is_between_events = False  # known to be
        self._shapes_left = SHAPES_TRIED

    @property
    def is_complete(self) -> bool:
        """The model has said its last word; what may still come is what it cost."""
        return self.done or self.finish_reason is not None

    def feed(self, data: bytes) -> str:
        """The text in these bytes; often "", for they may hold half an event or none with text."""
        if self._is_between_events and self._shape is not None and (text := self._shape.text_in(data)):
            self._has_text = self._has_text or not text.isspace()
            return text
        if not self._first and len(self._beginning) < MAX_BEGINNING:
            self._beginning += data
        plain = self._events.plain_data(data)
        if plain is not None:
            self._is_between_events = True
            text = self._take_event(plain)
            self._learn_shape(data, text)
            return text
        self._is_between_events = False
        try:
            events = self._events.feed(data)
        except EventTooLargeError as error:
            raise self._misunderstood(str(error)) from error
        return self._take_events(events)

    def _learn_shape(self, event: bytes, text: str) -> None:
        is_known = self._shape is not None and self._shape.text_in(event) == text
        if text and self._shapes_left and not is_known:
            self._shapes_left -= 1
            self._shape = ChunkShape.of(event, text) or self._shape

    def close(self) -> str:
        """The endpoint has ended the stream: its last text, or the error which says what is missing."""
        text = self._take_rest()
        error = self._what_is_missing()
        if error is not None and not text:
            raise error
        self.failure = error
        return text

    def finish(self, *, inference_id: str = "", request_id: str = "") -> Finish:
        return Finish(
            finish_reason=self.finish_reason,
            prompt_tokens=_count(self._usage.get("prompt_tokens")),
            completion_tokens=_count(self._usage.get("completion_tokens")),
            usd_spent=_amount(self._cost.get("usd_spent")),
            credits_used=_amount(self._cost.get("credits_used")),
            model_name=str(self._first.get("model") or ""),
            completion_id=str(self._first.get("id") or ""),
            inference_id=inference_id,
            request_id=request_id,
        )

    def _what_is_missing(self) -> CompletionError | None:
        if self.is_complete:
            return None if self._has_text else ReplyEmptyError(f"finish_reason: {self.finish_reason}")
        if self._first or not self._has_said_something_else():
            return ReplyCutOffError("The stream ended without finish_reason and without [DONE].")
        return self._misunderstood(self._beginning.decode(errors="replace"))

    def _has_said_something_else(self) -> bool:
        lines = self._beginning.splitlines()
        return any(line.strip() and not line.startswith(b":") for line in lines)

    def _take_rest(self) -> str:
        """A torn stream leaves half an event behind; then it is the end mark that is missing."""
        try:
            return "".join([self._take_data(event.data) for event in self._events.finish()])
        except NonsenseError:
            return ""

    def _take_events(self, events: list[Event]) -> str:
        """Several events in one packet: an error among them must not swallow the text before it."""
        text = ""
        for event in events:
            try:
                text += self._take_event(event.data)
            except CompletionError as error:
                if not text:
                    raise
                self.failure = error
                break
        return text

    def _take_event(self, data: bytes) -> str:
        try:
            return self._take_data(data)
        except NonsenseError as error:
            raise self._misunderstood(str(error)) from error

    def _take_data(self, data: bytes) -> str:
        if data == DONE:
            self.done = True
            return ""
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError:
            chunk = self._parse_leniently(data)
        try:
            return self._take_chunk(chunk)
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise NonsenseError(repr(chunk)) from error

    def _parse_leniently(self, data: bytes) -> Any:
        """orjson refuses bad UTF-8 and halves of surrogate pairs, which some endpoints do send."""
        self._has_halves, self._shape = True, None
        try:
            return json.loads(data.decode(errors="replace"))
        except ValueError as error:
            raise NonsenseError(data.decode(errors="replace")) from error

    def _take_chunk(self, chunk: dict[str, Any]) -> str:
        choices = chunk.get("choices")
        if chunk.get("error") or choices is None:
            self._raise_error_of(chunk)
        if usage := chunk.get("usage"):
            self._usage = usage
        if meta := chunk.get("meta"):
            self._cost = meta.get("usage") or self._cost
        text = self._take_choice(choices[0]) if choices else ""
        if not self._first and choices is not None:
            self._first, self._beginning = chunk, b""
        return text

    def _take_choice(self, choice: dict[str, Any]) -> str:
        if choice.get("index"):
            return ""  # another alternative (`n`): one is shown
        reason = choice.get("finish_reason")
        if reason is not None:
            self.finish_reason = str(reason)
        said = choice.get("delta") or choice.get("message") or {}
        content = said.get("content")
        if not content:
            self.has_begun = self.has_begun or bool(said.get("reasoning_content") or said.get("reasoning"))
            return ""
        if not isinstance(content, str):
            content = "".join([part.get("text") or "" for part in content])
        if self._has_halves:
            content = self._with_whole_characters(content)
        self.has_begun = True
        self._has_text = self._has_text or not content.isspace()
        return str(content)

    def _misunderstood(self, said: str) -> CompletionError:
        kind = ReplyFailedError if self._first else NotACompletionError
        return kind(trimmed(said, self._redact))

    def _raise_error_of(self, chunk: dict[str, Any]) -> None:
        error = error_event(chunk, model_name=self._model_name, redact=self._redact)
        if error is not None:
            raise error

    def _with_whole_characters(self, text: str) -> str:
        """Hold back the first half of a surrogate pair and join it to the second."""
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class WholeReplyReader(ReplyReader):
    """Reads a reply from an endpoint that did not stream: one JSON body, known at its end."""

    _body = b""

    def feed(self, data: bytes) -> str:
        self._body += data
        if len(self._body) > MAX_BODY:
            raise NotACompletionError(f"The answer is larger than {MAX_BODY} bytes.")
        return ""

    def close(self) -> str:
        try:
            text = self._take_data(self._body)
        except NonsenseError as error:
            raise self._misunderstood(str(error)) from error
        self.done = bool(self._first)
        self._beginning = self._body
        return text + super().close()


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _amount(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
