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
    text: str | None = None


class Delta(msgspec.Struct):
    """What a chunk adds. `content` is None or empty in chunks that carry something else."""

    content: str | list[Part] | None = None
    reasoning_content: Any = None
    reasoning: Any = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join([part.text or "" for part in self.content])
        return self.content or ""

    @property
    def thoughts(self) -> str:
        """The reasoning, which endpoints call by either name."""
        thoughts = self.reasoning_content or self.reasoning
        return thoughts if isinstance(thoughts, str) else ""


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
