import json

import pytest

from vision_chat.services.completions._sse import EventStream, EventTooLargeError

STREAMS = {
    "line feeds": (b"data: one\n\ndata: two\n\n", [b"one", b"two"]),
    "CRLF": (b"data: one\r\n\r\ndata: two\r\n\r\n", [b"one", b"two"]),
    "CR alone": (b"data: one\r\rdata: two\r\r", [b"one", b"two"]),
    "mixed line ends": (b"data: one\r\n\ndata: two\n\r\ndata: three\r\r\n", [b"one", b"two", b"three"]),
    "comments": (b": ping\n\ndata: one\n: between\n\n:\n\n", [b"one"]),
    "several data lines": (b"data: one\ndata: two\ndata:\ndata: four\n\n", [b"one\ntwo\n\nfour"]),
    "byte order mark": (b"\xef\xbb\xbfdata: one\n\n", [b"one"]),
    "no space after the colon": (b"data:one\n\ndata:  two\n\n", [b"one", b" two"]),
    "colon in the data": (b"data: a: b:c\n\n", [b"a: b:c"]),
    "a field without a colon": (b"data\n\nfoo\n\n", [b""]),
    "fields that mean nothing here": (b"id: 7\nretry: 10\ndata: one\nfoo: bar\n\n", [b"one"]),
    "characters of several bytes": ("data: Grüße 🖼️ 猫\n\n".encode(), ["Grüße 🖼️ 猫".encode()]),
    "Unicode line ends": (
        "data: a\u2028b\u2029c\x85d\x0be\n\n".encode(),
        ["a\u2028b\u2029c\x85d\x0be".encode()],
    ),
    "blank lines only": (b"\n\n\r\n\r\r", []),
    "end without a blank line": (b"data: one\n\ndata: [DONE]\n", [b"one", b"[DONE]"]),
    "end without a line end": (b"data: one\n\ndata: [DONE]", [b"one", b"[DONE]"]),
    "nothing at all": (b"", []),
}


def decode(*chunks: bytes) -> list[bytes]:
    stream = EventStream()
    events = [event for chunk in chunks for event in stream.feed(chunk)]
    return events + stream.finish()


@pytest.mark.parametrize(("raw", "expected"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_split_anywhere_gives_the_same_events(raw: bytes, expected: list[bytes]) -> None:
    for first in range(len(raw) + 1):
        for second in range(first, len(raw) + 1):
            events = decode(raw[:first], raw[first:second], raw[second:])
            assert events == expected, (first, second)


@pytest.mark.parametrize(("raw", "expected"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_that_comes_byte_by_byte_gives_the_same_events(raw: bytes, expected: list[bytes]) -> None:
    assert decode(*(raw[i : i + 1] for i in range(len(raw)))) == expected


def test_an_event_without_data_is_none() -> None:
    assert decode(b"event: error\ndata: one\n\nevent: lost\n\ndata: two\n\n") == [b"one", b"two"]


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    stream = EventStream()
    assert stream.feed(b"data: one\r\n\r") == [b"one"]
    assert stream.feed(b"\ndata: two\n") == []
    assert stream.feed(b"\n") == [b"two"]


def test_a_plain_event_after_the_start_of_another_belongs_to_it() -> None:
    stream = EventStream()
    assert stream.feed(b"data: one\n") == []
    assert stream.feed(b"data: two\n\n") == [b"one\ntwo"]
    assert stream.feed(b"event: note\n") == []
    assert stream.feed(b"data: three\n\n") == [b"three"]
    assert stream.feed(b": com") == []
    assert stream.feed(b"data: four\n\n") == []


def test_a_line_separator_inside_json_is_kept() -> None:
    text = "one\u2028two"
    (event,) = decode(b"data: " + json.dumps({"t": text}, ensure_ascii=False).encode() + b"\n\n")
    assert json.loads(event) == {"t": text}


@pytest.mark.parametrize(
    "chunk", [b"data: " + b"x" * 40, b"data: " + b"x" * 20 + b"\n"], ids=["line", "lines"]
)
def test_an_event_without_an_end_is_refused(chunk: bytes) -> None:
    stream = EventStream(max_event_bytes=100)
    stream.feed(chunk)
    stream.feed(chunk)
    with pytest.raises(EventTooLargeError, match="larger than 100 bytes"):
        stream.feed(chunk * 3)


def test_many_events_together_may_be_larger_than_one_event() -> None:
    assert len(EventStream(max_event_bytes=100).feed(b"data: 0123456789\n\n" * 100)) == 100
