import json
import re

import pytest

from vision_chat.services.completions._sse import Kind, LineStream, LineTooLongError

STREAMS = {
    "line feeds": (b"data: one\n\ndata: two\n\n", "D:one . D:two ."),
    "CRLF": (b"data: one\r\n\r\ndata: two\r\n\r\n", "D:one . D:two ."),
    "CR alone": (b"data: one\r\rdata: two\r\r", "D:one . D:two ."),
    "mixed line ends": (b"data: one\r\n\ndata: two\n\r\ndata: three\r\r\n", "D:one . D:two . D:three ."),
    "comments": (b": ping\n\ndata: one\n: between\n\n:\n\n", ". D:one ."),
    "byte order mark": (b"\xef\xbb\xbfdata: one\n\n", "D:one ."),
    "no space after the colon": (b"data:one\n\ndata:  two\n\n", "D:one . D: two ."),
    "colon in the data": (b"data: a:b:c\n\n", "D:a:b:c ."),
    "a field without a colon": (b"data\n\n", "D: ."),
    "other fields": (b"id: 7\nretry: 10\nevent: note\ndata: one\n\n", "E:note D:one ."),
    "a field for errors": (b"error: {}\n\n", "X:{} ."),
    "no field at all": (b'{"error": 1}\nfoo: bar\n', 'B:{"error": 1} B:foo: bar'),
    "characters of several bytes": ("data: Grüße🖼️猫\n\n".encode(), "D:Grüße🖼️猫 ."),
    "Unicode line ends": ("data: a\u2028b\u2029c\x85d\x0be\n\n".encode(), "D:a\u2028b\u2029c\x85d\x0be ."),
    "blank lines only": (b"\n \n\r\n\r\r", "."),
    "end without a blank line": (b"data: one\n\ndata: two\n", "D:one . D:two"),
    "end without a line end": (b"data: one\n\ndata: two", "D:one . D:two"),
    "nothing at all": (b"", ""),
}
MARKS = {Kind.DATA: "D:", Kind.EVENT: "E:", Kind.ERROR: "X:", Kind.BARE: "B:", Kind.BLANK: "."}


def decode(*chunks: bytes) -> str:
    """Return the lines, each with its mark; the blank ones of `finish` are left out."""
    stream = LineStream(1000)
    lines = [line for chunk in chunks for line in stream.feed(chunk)]
    lines += [line for line in stream.finish() if line.kind is not Kind.BLANK]
    said = " ".join(MARKS[line.kind] + line.value.decode() for line in lines)
    return re.sub(r"\.( \.)+", ".", said)  # how many blank lines there were means nothing


@pytest.mark.parametrize(("raw", "expected"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_split_anywhere_gives_the_same_lines(raw: bytes, expected: str) -> None:
    for first in range(len(raw) + 1):
        for second in range(first, len(raw) + 1):
            lines = decode(raw[:first], raw[first:second], raw[second:])
            assert lines == expected, (first, second)


@pytest.mark.parametrize(("raw", "expected"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_that_comes_byte_by_byte_gives_the_same_lines(raw: bytes, expected: str) -> None:
    assert decode(*(raw[i : i + 1] for i in range(len(raw)))) == expected


def test_a_line_is_given_as_soon_as_its_end_is_there() -> None:
    stream = LineStream(1000)
    assert [line.value for line in stream.feed(b"data: one\r\n\r")] == [b"one", b""]
    assert stream.feed(b"\ndata: two") == []
    assert [line.value for line in stream.feed(b"\n")] == [b"two"]


def test_a_line_separator_inside_json_is_kept() -> None:
    text = "one\u2028two"
    (line, _) = LineStream(1000).feed(
        b"data: " + json.dumps({"t": text}, ensure_ascii=False).encode() + b"\n\n"
    )
    assert json.loads(line.value) == {"t": text}


def test_a_line_without_an_end_is_refused() -> None:
    stream = LineStream(100)
    stream.feed(b"data: " + b"x" * 90)
    with pytest.raises(LineTooLongError, match="longer than 100 bytes"):
        stream.feed(b"x" * 10)


def test_many_lines_together_may_be_longer_than_one_line() -> None:
    stream = LineStream(100)
    assert len(stream.feed(b"data: 0123456789\n" * 100)) == 100
    assert stream.consumed == 1700
