"""The JSON of a streamed chat completion, as far as it is read here: https://platform.openai.com/docs/api-reference

What endpoints fill in differently is `Any`; unknown fields are skipped. `meta` is the AI/ML API's own.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec


class InvalidChunkError(ValueError):
    """An event that is no chunk of a chat completion."""


class Part(msgspec.Struct):
    """A part of the content: text, or thoughts by one of these names."""

    type: Any = None
    text: str | None = None
    thinking: Any = None
    reasoning: Any = None
    summary: Any = None

    @property
    def is_thought(self) -> bool:
        return self.type in {"thinking", "reasoning", "thought", "reasoning_text", "summary_text"}

    @property
    def thoughts(self) -> str:
        if not self.is_thought:
            return ""
        return _words(self.thinking or self.reasoning or self.summary or self.text)


class Delta(msgspec.Struct):
    """What a chunk adds. `content` is None or empty in chunks that carry something else."""

    content: str | list[Part] | None = None
    reasoning_content: Any = None
    reasoning: Any = None
    thinking: Any = None
    reasoning_details: Any = None
    thinking_blocks: Any = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join([part.text or "" for part in self.content if not part.is_thought])
        return self.content or ""

    @property
    def thoughts(self) -> str:
        """The reasoning, by the first name that has some: many endpoints send the same by two names."""
        named = (
            self.reasoning_content,
            self.reasoning,
            self.thinking,
            self.reasoning_details,
            self.thinking_blocks,
        )
        thoughts = next(filter(None, map(_words, named)), "")
        if isinstance(self.content, list):
            parts = "".join([part.thoughts for part in self.content])
            return thoughts if parts in thoughts else thoughts + parts
        return thoughts


def _words(value: Any, depth: int = 4) -> str:
    """Return the words in reasoning: a text, an object that holds one, or a list of these."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "".join([_words(part, depth - 1) for part in value])
    if depth and isinstance(value, Mapping):
        keys = ("text", "thinking", "summary", "content", "reasoning")
        return next(filter(None, (_words(value.get(key), depth - 1) for key in keys)), "")
    return ""


class Choice(msgspec.Struct):
    """One alternative. `message` is read only without `delta`: some send it beside, with the text so far."""

    index: Any = None
    finish_reason: Any = None
    delta: Delta | None = None
    message: Delta | None = None


class Chunk(msgspec.Struct):
    """One event of the stream, or the whole answer where there is no stream."""

    id: Any = None
    model: Any = None
    choices: list[Choice] | None = None
    usage: Any = None
    meta: Any = None
    error: Any = None

    @property
    def cost(self) -> Any:
        return self.meta.get("usage") if isinstance(self.meta, Mapping) else None


_DECODER: Final = msgspec.json.Decoder(Chunk)


def decode(data: bytes) -> Chunk:
    """Read one chunk. Raises InvalidChunkError."""
    try:
        return _DECODER.decode(data)
    except ValueError:
        return _decode_leniently(data)


def _decode_leniently(data: bytes) -> Chunk:
    """Read what msgspec refuses and some endpoints send: bad UTF-8 and halves of surrogate pairs."""
    text = data.decode(errors="replace")
    try:
        return msgspec.convert(json.loads(text), Chunk)
    except (ValueError, RecursionError) as error:
        raise InvalidChunkError(text) from error


def count(value: object) -> int | None:
    """Return a number of tokens, None where it is none."""
    try:
        return int(value) if isinstance(value, int | float) else None
    except (ValueError, OverflowError):  # NaN, Infinity
        return None


def amount(value: object) -> Decimal | None:
    """Return a number of dollars or credits, None where it is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
