"""A chunk that is read by its shape says what it would say when read whole."""

from typing import Any

import pytest

from vision_chat.demo.framing import DONE, Framing, event
from vision_chat.errors.completions import CompletionError, ReplyEmptyError, ReplyFailedError
from vision_chat.services.completions.chunk_shape import ChunkShape
from vision_chat.services.completions.chunks import SHAPES_TRIED, ReplyReader

FRAMING = Framing("chatcmpl-1", "some/model")
TEXTS = (
    *(" word", "\n\n", '"', "\\", '"}}]}', "\\u00e9", "é", "🖼️", "\u2028", "\x7f", "\0", "\t", "a" * 5000),
    *("chatcmpl-1", "content", "assistant", "null", "[DONE]", "data: x", '","content":"', "stop"),
)


def say(text: str, **values: Any) -> bytes:
    return event(
        {
            "id": "1",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
            "model": "m",
            **values,
        }
    )


def shape_of(text: str, chunk: bytes | None = None) -> ChunkShape:
    shape = ChunkShape.of(chunk or say(text), text)
    assert shape is not None
    return shape


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_read(text: str) -> None:
    assert shape_of("Hi").text_in(say(text)) == text


@pytest.mark.parametrize("text", [text for text in TEXTS if text != "content"])
def test_a_text_that_is_nothing_else_too_shows_the_shape(text: str) -> None:
    assert shape_of(text).text_in(say("Hi")) == "Hi"


@pytest.mark.parametrize(
    "other",
    [
        say("Hi", id="2"),
        say("Hi", usage={"prompt_tokens": 1}),
        say("Hi", error={"message": "no"}),
        say("Hi")[:-1],
        say("Hi")[1:],
        say("Hi") * 2,
        say("Hi").replace(b"\n\n", b"\r\n\r\n"),
        say("Hi").replace(b'"Hi"', b"null"),
        say("Hi").replace(b'"Hi"', b'"Hi","content":"Ho"'),
        say("Hi").replace(b'"Hi"', b'"Hi\n"'),
        say("Hi").replace(b'"Hi"', b'"\\ud83d"'),
        say("Hi").replace(b'"Hi"', b'"\xff"'),
        say("Hi").replace(b'"Hi"', b'"'),
        say("Hi").replace(b'"Hi"', b""),
        say("Hi").partition(b'"Hi"')[0] + say("Hi").partition(b'"Hi"')[2],
        *(FRAMING.role(), FRAMING.finish(), DONE, b": ping\n\n", b""),
    ],
)
def test_what_differs_in_more_than_the_text_is_not_read(other: bytes) -> None:
    assert shape_of("Ho").text_in(other) is None


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        (event({"id": "1", "choices": [{"message": {"content": "Hi"}}]}), "Hi"),
        (event({"id": "1", "choices": [{"delta": {"content": [{"type": "text", "text": "Hi"}]}}]}), "Hi"),
        (say("content"), "content"),
        (event({"id": "Hi", "choices": [{"delta": {"content": "Hi"}}]}), "Hi"),
        (b'data: {"choices":[{"delta":{"content":"H\\u0069"}}]}\n\n', "Hi"),
        (b'data: {"choices":[{"delta":{"content":"Hi"}}],"choices":[]}\n\n', "Hi"),
        (b'data: {"choices":[{"delta":{"content":"Hi","content":"Hi"}}]}\n\n', "Hi"),
        (event({"id": "1", "choices": [{"index": 0}, {"delta": {"content": "Hi"}}]}), "Hi"),
    ],
)
def test_a_text_in_another_place_or_spelling_shows_no_shape(chunk: bytes, text: str) -> None:
    assert ChunkShape.of(chunk, text) is None


# The reader


def read(reader: ReplyReader, *parts: bytes) -> str:
    return "".join([reader.feed(part) for part in parts])


def test_all_texts_of_a_reply_are_read_in_order() -> None:
    reader = ReplyReader()
    assert read(reader, FRAMING.role(), *map(FRAMING.delta, TEXTS)) == "".join(TEXTS)


def test_a_chunk_in_two_packets_between_others_of_its_shape_is_read() -> None:
    torn = say("torn")
    for cut in range(len(torn) + 1):
        assert read(ReplyReader(), say("a"), say("b"), torn[:cut], torn[cut:], say("c")) == "abtornc", cut


def test_a_chunk_of_the_shape_does_not_begin_within_another_event() -> None:
    reader = ReplyReader()
    read(reader, say("a"), say("b"), say("c")[:20])
    with pytest.raises(ReplyFailedError):
        reader.feed(say("d"))


def test_halves_of_an_emoji_among_chunks_of_one_shape_are_put_together_in_their_place() -> None:
    halves = [say("x").replace(b'"x"', half) for half in (b'"a\\ud83d"', b'"\\ude00b"')]
    assert read(ReplyReader(), say("1"), say("2"), *halves, say("3"), say("4")) == "12a😀b34"


def test_half_an_emoji_comes_before_what_follows_it() -> None:
    half = say("x").replace(b'"x"', b'"a\\ud83d"')
    assert read(ReplyReader(), say("1"), say("2"), half, say("3")) == "12a\ufffd3"


def test_an_end_and_an_error_are_seen_among_chunks_of_one_shape() -> None:
    reader = ReplyReader()
    read(reader, say("a"), say("b"), FRAMING.finish())
    assert reader.is_complete
    with pytest.raises(CompletionError):
        reader.feed(say("c", error={"message": "overloaded"}))


def test_spaces_alone_are_still_no_reply() -> None:
    reader = ReplyReader()
    read(reader, say(" "), say("\n"), say(" "), FRAMING.finish(), DONE)
    with pytest.raises(ReplyEmptyError):
        reader.close()


def test_a_word_among_spaces_is_a_reply() -> None:
    reader = ReplyReader()
    read(reader, say(" "), say("word"), FRAMING.finish(), DONE)
    assert reader.close() == ""


def test_chunks_that_have_nothing_in_common_are_read_all_the_same() -> None:
    chunks = [say(f"{number} ", id=str(number)) for number in range(2 * SHAPES_TRIED)]
    assert read(ReplyReader(), *chunks) == "".join(f"{number} " for number in range(2 * SHAPES_TRIED))


def test_the_first_chunk_is_what_the_reply_says_of_itself() -> None:
    reader = ReplyReader()
    read(reader, say("a"), say("b"), say("c", model="other"))
    assert reader.finish().model_name == "m"
