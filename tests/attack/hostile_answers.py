"""Answers of a hostile endpoint, as data: floods without text, packed bombs, answers without end."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

import brotli

PIECE: Final = 64 * 1024
GIGABYTE: Final = 1024**3


class Asked(StrEnum):
    """The request of the product that gets the hostile answer; the other one gets an honest one."""

    COMPLETION = "completion"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileAnswer:
    """The bytes of a response, from its first line: `opening` once, then `block` without end."""

    opening: bytes
    block: bytes = b""
    to: Asked = Asked.COMPLETION


def head(status: str = "200 OK", kind: str = "text/event-stream", *more: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *more, "Connection: close")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


STREAM: Final = head()
CHUNKED: Final = head("200 OK", "text/event-stream", "Transfer-Encoding: chunked")
PACKED: Final = head("200 OK", "text/event-stream", "Content-Encoding: gzip")
IN_BROTLI: Final = head("200 OK", "text/event-stream", "Content-Encoding: br")
JSON: Final = head("200 OK", "application/json")
PACKED_JSON: Final = head("200 OK", "application/json", "Content-Encoding: gzip")
FAILED: Final = head("500 Internal Server Error", "application/json")
PACKED_FAILED: Final = head("500 Internal Server Error", "application/json", "Content-Encoding: gzip")
PAGE: Final = head("200 OK", "text/html")


def chunk(content: str, *, field: str = "content", index: int = 0, finish: str | None = None) -> bytes:
    choice = {"index": index, "delta": {field: content}, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n"


def pictures(characters: int) -> bytes:
    """A chunk with an image beside the text."""
    image = {"image_url": {"url": "data:image/png;base64," + "A" * characters}}
    return b"data: " + json.dumps({"choices": [{"delta": {"images": [image]}}]}).encode() + b"\n\n"


def repeated(piece: bytes) -> bytes:
    """As often as fills one write: the attack is to cost the endpoint next to nothing."""
    return piece * (PIECE // len(piece) + 1)


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1)


def brotlied(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=1)
    return packed


def flood(
    piece: bytes, before: bytes = b"", start: bytes = STREAM, to: Asked = Asked.COMPLETION
) -> HostileAnswer:
    return HostileAnswer(opening=start + before, block=repeated(piece), to=to)


def bomb(
    piece: bytes, start: bytes, pack: Callable[[bytes], bytes] = gzipped, to: Asked = Asked.COMPLETION
) -> HostileAnswer:
    """A gigabyte of the piece, which is a megabyte or less on the wire."""
    return HostileAnswer(opening=start + pack(piece * (GIGABYTE // len(piece))), to=to)


def countless(value: bytes) -> HostileAnswer:
    """One event, as large as an event may be, of the smallest values."""
    values = b",".join([value] * (15 * 1024 * 1024 // (len(value) + 1)))
    return HostileAnswer(opening=STREAM + b'data: {"choices":[' + values + b"]}\n\n")


def catalogue(rows: int) -> HostileAnswer:
    """A whole list of models, such as an endpoint may have."""
    listed = b",".join(b'{"id":"%d"}' % row for row in range(rows))
    return HostileAnswer(opening=JSON + b'{"data":[' + listed + b"]}", to=Asked.CATALOGUE)


HONEST: Final = HostileAnswer(opening=STREAM + chunk("Hello", finish="stop") + b"data: [DONE]\n\n")

FLOODS: Final[dict[str, Callable[[], HostileAnswer]]] = {
    "comments": partial(flood, b": keep-alive\n\n"),
    "blank-lines": partial(flood, b"\n"),
    "event-lines": partial(flood, b"event: ping\n\n"),
    "empty-events": partial(flood, b"data:\n\n"),
    "empty-data-of-one-event": partial(flood, b"data:\n"),
    "unknown-fields-of-one-event": partial(flood, b"id: 1\nretry: 1\n"),
    "one-endless-line": partial(flood, b"a", b"data: "),
    "one-endless-comment": partial(flood, b"a", b": "),
    "no-choices": partial(flood, b'data: {"id":"1","choices":[]}\n\n'),
    "empty-deltas": partial(flood, chunk("")),
    "other-choices": partial(flood, chunk("words " * 100, index=1)),
    "other-fields": partial(flood, chunk("words " * 100, field="annotation")),
    "countless-choices": partial(countless, b"{}"),
    "countless-lists": partial(countless, b"[[],[]]"),
    "deep-json": partial(flood, b'data: {"id":"1","deep":' + b"[" * 900 + b"]" * 900 + b',"choices":[]}\n\n'),
    "after-the-end": partial(flood, b": keep-alive\n\n", chunk("Hello", finish="stop")),
    "after-done": partial(flood, chunk("more"), chunk("Hello", finish="stop") + b"data: [DONE]\n\n"),
    "chunks-of-one-byte": partial(flood, b"1\r\n:\r\n1\r\n\n\r\n", start=CHUNKED),
    "endless-chunk-extension": partial(flood, b"a", b"1;", CHUNKED),
    "endless-trailers": partial(flood, b"X-Fill: a\r\n", b"0\r\n", CHUNKED),
    "endless-json": partial(flood, b"a", b'{"choices":[{"message":{"content":"', JSON),
    "endless-error": partial(flood, b"a", b'{"message":"', FAILED),
    "endless-page": partial(flood, b"<p>", start=PAGE),
    "endless-header": partial(flood, b"X-Fill: aaaaaaaaaaaaaaaa\r\n", start=b"HTTP/1.1 200 OK\r\n"),
    "endless-hints": partial(flood, b"HTTP/1.1 103 Early Hints\r\n\r\n", start=b""),
}
"""Nothing that a person could read."""

BOMBS: Final[dict[str, Callable[[], HostileAnswer]]] = {
    "zeros": partial(bomb, b"\0", PACKED),
    "zeros-in-brotli": partial(bomb, b"\0", IN_BROTLI, brotlied),
    "packed-comments": partial(bomb, b": keep-alive\n\n", PACKED),
    "packed-words": partial(bomb, chunk("words " * 100), PACKED),
    "packed-json": partial(bomb, b"\0", PACKED_JSON),
    "packed-error": partial(bomb, b"\0", PACKED_FAILED),
}
"""Little on the wire, much when it is unpacked."""

CATALOGUES: Final[dict[str, Callable[[], HostileAnswer]]] = {
    "endless-catalogue": partial(flood, b'{"id":"a"},', b'{"data":[', JSON, Asked.CATALOGUE),
    "large-catalogue": partial(catalogue, 49_000),
    "packed-catalogue": partial(bomb, b"\0", PACKED_JSON, to=Asked.CATALOGUE),
}
"""Floods and bombs as the list of models."""

MARKS: Final = "**a** _b_ `c` [d](e) $f$ <i>g</i> ~~h~~ | i | \\(j\\) "

ENDLESS: Final[dict[str, Callable[[], HostileAnswer]]] = {
    "long-chunks": partial(flood, chunk("words without end " * 1000)),
    "tokens": partial(flood, chunk(" word")),
    "one-word": partial(flood, chunk("a" * 16_000)),
    "marks": partial(flood, chunk(MARKS * 20)),
    "angles": partial(flood, chunk("<" * 16_000)),
    "table-rows": partial(flood, chunk("| 1 | 2 | 3 |\n" * 100), chunk("| a | b | c |\n|---|---|---|\n")),
    "paragraphs": partial(flood, chunk("A line.\n\n" * 100)),
    "picture": partial(flood, chunk("A" * 16_000), chunk("Look: ![](data:image/png;base64,")),
    "pictures": partial(flood, pictures(1_000_000), chunk("Look: ")),
    "thoughts": partial(flood, chunk("I think so. " * 1000, field="reasoning_content")),
    "refusal": partial(flood, chunk("I will not. " * 1000, field="refusal")),
}
"""Text, or what is kept like text, for as long as it is taken."""

ANSWERS: Final = {"an-honest-answer": lambda: HONEST} | FLOODS | BOMBS | CATALOGUES | ENDLESS
