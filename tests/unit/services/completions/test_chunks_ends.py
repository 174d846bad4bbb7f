from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.support.chunk_reading import END, FRAMING, feed, read
from vision_chat.demo.framing import DONE, event
from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    CreditsError,
    NotACompletionError,
    RateLimitedError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
)
from vision_chat.services.completions._provider_errors import SentRequest
from vision_chat.services.completions._wire import MAX_VALUES
from vision_chat.services.completions.chunks import MAX_IDLE_BYTES, ReplyReader
from vision_chat.services.completions.pieces import Piece


@pytest.mark.parametrize(
    "ending", [FRAMING.finish(), DONE, END, END.removesuffix(b"\n\n"), END.removesuffix(b"\n")]
)
def test_either_mark_ends_a_reply(ending: bytes) -> None:
    assert read(FRAMING.delta("Hi"), ending) == "Hi"


@pytest.mark.parametrize("torn", [b"", b"data: ", FRAMING.delta("lost")[:-9]])
def test_a_reply_without_an_end_mark_is_cut_off(torn: bytes) -> None:
    with pytest.raises(ReplyCutOffError):
        read(FRAMING.delta("Hi"), torn)


def test_the_last_words_before_a_missing_end_mark_are_kept() -> None:
    reader = ReplyReader()
    assert feed(reader, FRAMING.delta("Hi")[:-2]) == []
    assert list(reader.flush()) == [Piece("Hi")]
    with pytest.raises(ReplyCutOffError):
        reader.check_end()


def test_the_words_before_an_error_in_the_same_packet_are_kept() -> None:
    texts = ReplyReader().feed(FRAMING.delta("Hi") + event({"error": "overloaded"}) + FRAMING.delta("no"))
    assert next(texts) == Piece("Hi")
    with pytest.raises(ReplyFailedError) as caught:
        next(texts)
    assert caught.value.detail == "overloaded"


def test_an_error_without_words_before_it_comes_at_once() -> None:
    with pytest.raises(ReplyFailedError):
        feed(ReplyReader(), FRAMING.role() + event({"error": "overloaded"}))


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_whole_reply_without_a_word_is_an_error(text: str) -> None:
    with pytest.raises(ReplyEmptyError, match="was empty"):
        read(FRAMING.delta(text), END)


@pytest.mark.parametrize(
    "nonsense",
    [b"data: <html>\n\n", b"data: 7\n\n", b'data: {"choices":[7]}\n\n', b'data: {"choices":7}\n\n'],
)
def test_nonsense_is_no_completion_and_in_mid_reply_a_failure(nonsense: bytes) -> None:
    with pytest.raises(NotACompletionError):
        read(nonsense)
    with pytest.raises(ReplyFailedError):
        read(FRAMING.delta("Hi"), nonsense)


@pytest.mark.parametrize("line", [b"data:\n\n", b"id: 7\n", event({"choices": []})])
def test_a_flood_without_a_word_is_a_failure_and_counts_from_the_last_word(line: bytes) -> None:
    reader = ReplyReader()
    half = line * (MAX_IDLE_BYTES * 2 // 3 // len(line))
    feed(reader, half + FRAMING.delta("Hi"), half)
    with pytest.raises(ReplyFailedError) as caught:
        feed(reader, half)
    assert "without a word" in caught.value.detail


def test_another_protocol_is_no_completion() -> None:
    with pytest.raises(NotACompletionError) as caught:
        read(b'event: message_start\ndata: {"type":"message_start"}\n\n')
    assert "message_start" in caught.value.detail


def test_an_endless_event_is_no_completion() -> None:
    with pytest.raises(NotACompletionError):
        read(*[b"x" * 1_000_000] * 6)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"error": {"message": "x", "code": 502}}, ReplyFailedError),
        ({"error": {"message": "x", "code": 429}}, RateLimitedError),
        ({"error": {"message": "x", "code": "context_length_exceeded"}}, ContextTooLongError),
        ({"object": "error", "message": "x"}, ReplyFailedError),
        ({"message": "x", "statusCode": 402}, CreditsError),
        (
            {"error": {"message": "x"}, "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]},
            None,
        ),
    ],
)
def test_an_error_event_has_the_error_of_its_code(error: Any, kind: type[CompletionError] | None) -> None:
    with pytest.raises(kind or ReplyFailedError) as caught:
        read(FRAMING.delta("Hi"), event(error))
    assert caught.value.detail.startswith("x")


def test_an_error_event_with_a_number_beyond_measure_is_an_invalid_chunk() -> None:
    with pytest.raises(ReplyFailedError):
        read(FRAMING.delta("Hi"), b'data: {"error": {"code": 1' + b"0" * 5000 + b"}}\n\n")


def test_the_key_is_taken_out_of_the_providers_words() -> None:
    with pytest.raises(ReplyFailedError) as caught:
        read(event({"error": "bad sk-1"}), reader=ReplyReader(SentRequest(secret="sk-1")))
    assert caught.value.detail == "bad [key]"


def test_a_single_json_body_is_read_as_a_reply() -> None:
    body = {"id": "1", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    reader = ReplyReader(cost={"usd_spent": "0.01"})
    raw = msgspec.json.encode(body)
    assert read(raw[:9], raw[9:], reader=reader) == "Hi"
    assert reader.finish().usd_spent == Decimal("0.01")


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"hello": 1}', b'{"choices": 7}', b"{\n", b"<html>"])
def test_a_single_body_of_something_else_is_no_completion(body: bytes) -> None:
    with pytest.raises(NotACompletionError):
        read(body)


def test_nothing_at_all_is_cut_off() -> None:
    with pytest.raises(ReplyCutOffError):
        read(b"")


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1"], ids=["objects", "lists", "numbers"])
def test_an_event_of_countless_values_is_not_read(value: bytes) -> None:
    values = b",".join([value] * (MAX_VALUES + 1))
    with pytest.raises(NotACompletionError) as caught:
        read(b'data: {"choices":[],"usage":[' + values + b"]}\n\n")
    assert "too many values" in caught.value.detail
