"""The JSON of a streamed chat completion, as far as it is read here:
https://platform.openai.com/docs/api-reference

Endpoints put their words in many places; the properties of `Delta` know them all. What else they fill in
differently is `Any`; unknown fields are skipped. `meta` is the AI/ML API's own.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

import msgspec

MAX_LENIENT: Final = 1024 * 1024
"""Bytes above which a chunk must be sound JSON of the expected shape: the lenient way is slow."""
MAX_UNCOUNTED: Final = 64 * 1024
"""Bytes of an event up to which its values are not worth counting."""
MAX_VALUES: Final = 150_000
"""Commas of one event, and brackets of each kind, also those in its text. More take 50 ms to read."""

Scalar: TypeAlias = str | int | float | bool | None

THINKING: Final = frozenset({"thinking", "reasoning", "reasoning_text", "reasoning_content", "thought"})
"""Types of parts whose words are thoughts. Some endpoints say it by a key `thinking` alone."""


class InvalidChunkError(ValueError):
    """An event that is no chunk of a chat completion."""


class TooManyValuesError(InvalidChunkError):
    """An event that would cost more to read than any answer is worth."""


class Wrapped(msgspec.Struct):
    """Text as an object; or the address of an image."""

    value: Scalar = None
    url: Scalar = None


class Part(msgspec.Struct):
    """One part of a content that is a list."""

    type: Any = None
    text: Scalar | Wrapped = None
    content: Scalar = None
    refusal: Scalar = None
    summary: "Scalar | list[Part | str]" = None
    thinking: "Scalar | list[Part | str]" = None
    image_url: Scalar | Wrapped = None

    @property
    def is_thought(self) -> bool:
        return self.thinking is not None or self.type in THINKING

    @property
    def words(self) -> str:
        text = self.text.value if isinstance(self.text, Wrapped) else self.text
        return text_of(text) or text_of(self.content) or text_of(self.refusal)

    @property
    def thoughts(self) -> str:
        for words in (self.thinking, self.words, self.summary):
            if found := _joined(words):
                return found
        return ""


Content: TypeAlias = Scalar | Part | list[Part | str | int | float | bool | None]
"""Words of an answer or of its reasoning: at once, or in parts."""


class Image(msgspec.Struct):
    """An image that the model has made."""

    image_url: Scalar | Wrapped = None


class Delta(msgspec.Struct):
    """The addition of a chunk. `content` is None or empty in chunks that carry something else."""

    content: Content = None
    refusal: Scalar = None
    reasoning_content: Content = None
    reasoning: Content = None
    reasoning_details: Content = None
    thinking: Content = None
    thinking_blocks: Content = None
    images: list[Image] | None = None
    tool_calls: Any = None
    function_call: Any = None

    @property
    def calls(self) -> Any:
        """The pieces of calls of tools. An older API knows one call, without a list."""
        return self.tool_calls or ([self.function_call] if self.function_call else None)

    @property
    def text(self) -> str:
        content = self.content
        if isinstance(content, str):
            return content or text_of(self.refusal)
        parts = content if isinstance(content, list) else [content]
        words = (_words(part) for part in parts)
        return "".join(words) or text_of(self.refusal)

    @property
    def thoughts(self) -> str:
        """The reasoning. Endpoints call it by several names, and some send it by two of them at once."""
        named = (self.reasoning_content, self.reasoning, self.thinking)
        for words in (*named, self.reasoning_details, self.thinking_blocks):
            if found := _joined(words):
                return found
        parts = self.content if isinstance(self.content, list) else [self.content]
        return _joined([part for part in parts if isinstance(part, Part) and part.is_thought])

    @property
    def image_urls(self) -> list[str]:
        """The addresses of images: data URLs, or addresses on the web."""
        parts = self.content if isinstance(self.content, list) else [self.content]
        made = [*(self.images or ()), *(part for part in parts if isinstance(part, Part))]
        addresses = (each.image_url for each in made)
        urls = (address.url if isinstance(address, Wrapped) else address for address in addresses)
        return [text_of(url) for url in urls if url]


def _words(part: "Scalar | Part") -> str:
    if isinstance(part, Part):
        return "" if part.is_thought else part.words
    return text_of(part)


def _joined(words: "Content | Iterable[Part | Scalar]") -> str:
    if isinstance(words, Part):
        return words.thoughts
    if words is None or isinstance(words, str | int | float):
        return text_of(words)
    return "".join([part.thoughts if isinstance(part, Part) else text_of(part) for part in words])


def text_of(value: Scalar) -> str:
    """Return words as they are, a number as it is written in JSON, None as no words."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


class Choice(msgspec.Struct):
    """One alternative. Some send the whole `message` beside a `delta`. Old completions have `text`."""

    index: Any = None
    finish_reason: Any = None
    delta: Delta | None = None
    message: Delta | None = None
    text: Scalar = None
    logprobs: Any = None
    error: Any = None

    @property
    def number(self) -> int:
        """Return which of the alternatives it is (`n` asks for several), -1 where nobody can tell."""
        if self.index in (None, 0, "0", ""):
            return 0
        index = self.index
        return int(index[:3]) if isinstance(index, str) and index.isdecimal() else count(index) or -1


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
    if len(data) > MAX_UNCOUNTED and any(data.count(sign) > MAX_VALUES for sign in (b",", b"{", b"[")):
        raise TooManyValuesError(f"an event of {len(data)} bytes holds too many values")
    try:
        return _DECODER.decode(data)
    except ValueError:
        return _decode_leniently(data)


def _decode_leniently(data: bytes) -> Chunk:
    """Read what msgspec refuses and some endpoints send: bad UTF-8 and halves of surrogate pairs."""
    if len(data) > MAX_LENIENT:
        raise InvalidChunkError(f"an event of {len(data)} bytes is no chunk of a completion")
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
