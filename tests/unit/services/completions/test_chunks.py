from decimal import Decimal
from typing import Any

import msgspec
import pytest

from vision_chat.demo.framing import DONE, Framing, event
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
from vision_chat.services.completions._reply_text import ReplyText
from vision_chat.services.completions._wire import MAX_VALUES
from vision_chat.services.completions.chunks import MAX_IDLE_BYTES, ReplyReader
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.pieces import Piece

FRAMING = Framing("chatcmpl-1", "some/model")
END = FRAMING.finish() + DONE


def read(*pieces: bytes, reader: ReplyReader | None = None) -> str:
    """Return the text of a whole reply that comes in these pieces."""
    reader = reader or ReplyReader()
    text = "".join([*feed(reader, *pieces), *(piece.text for piece in reader.flush())])
    reader.check_end()
    return text


def feed(reader: ReplyReader, *pieces: bytes) -> list[str]:
    return [piece.text for data in pieces for piece in reader.feed(data)]


def choice(**values: Any) -> bytes:
    return event({"id": "1", "model": "m", "choices": [{"index": 0, **values}]})


def test_a_reply_split_at_any_byte_gives_the_same_text() -> None:
    raw = FRAMING.role() + FRAMING.delta("Grüße ") + FRAMING.delta("🖼️\u2028") + b": ping\r\n\r\n" + END
    for split in range(len(raw) + 1):
        assert read(raw[:split], raw[split:]) == "Grüße 🖼️\u2028"


@pytest.mark.parametrize(
    "strange",
    [
        b": OPENROUTER PROCESSING\n\n",
        event({"id": "1", "choices": []}),
        event({"id": "1", "choices": None}),
        choice(delta={"content": None}),
        choice(delta={"role": "assistant", "content": ""}),
        choice(delta={"reasoning_content": "Hmm"}),
        choice(delta=None),
        choice(message={"content": ""}),
        event({"type": "ping"}),
        b"data: ping\n\n",
        b"data: \n\n",
        b"event: ping\nid: 7\nretry: 9\n\n",
        b"foo: bar\n\n",
        b"  \n",
        choice(),
        event({"id": "1", "choices": [{"index": 1, "delta": {"content": "another"}}]}),
    ],
)
def test_a_chunk_without_text_changes_nothing(strange: bytes) -> None:
    assert read(strange, FRAMING.delta("Hi"), strange, END) == "Hi"


def message(text: str, **beside: Any) -> bytes:
    return choice(message={"role": "assistant", "content": text}, **beside)


@pytest.mark.parametrize(
    "chunks",
    [
        [message("A cat sleeps.", delta={})],
        [message("A cat sleeps.", delta={"content": ""}), message("A cat sleeps.", delta={})],
        [FRAMING.delta("A cat"), FRAMING.delta(" sleeps."), message("A cat sleeps.", delta={})],
        [FRAMING.delta("A cat"), message("A cat sleeps.", delta={})],
        [
            message("A cat", delta={"content": "A cat"}),
            message("A cat sleeps.", delta={"content": " sleeps."}),
        ],
        [message("A cat"), message("A cat sleeps.")],
        [message("A cat"), message(" sleeps.")],
        [FRAMING.delta("A cat sleeps."), message("Another text", delta={})],
        [choice(text="A cat"), choice(text=" sleeps.")],
        [choice(delta={"content": {"type": "text", "text": "A cat sleeps."}})],
        [choice(delta={"content": ["A cat", {"type": "output_text", "text": {"value": " sleeps."}}]})],
        [choice(delta={"content": [{"type": "text", "content": "A cat sleeps."}]})],
        [choice(index="0", delta={"content": "A cat sleeps."})],
        [choice(index=None, delta={"content": "A cat sleeps."})],
        [choice(delta={"content": None, "refusal": "A cat sleeps."})],
        [choice(delta={"content": [{"type": "refusal", "refusal": "A cat sleeps."}]})],
    ],
)
def test_words_are_read_wherever_they_stand_and_never_twice(chunks: list[bytes]) -> None:
    assert read(*chunks, END) == "A cat sleeps."


@pytest.mark.parametrize(
    ("content", "text"), [(12, "12"), (-7.5, "-7.5"), (True, "true"), ([1, " and ", 2, None], "1 and 2")]
)
def test_a_number_is_a_word(content: Any, text: str) -> None:
    assert read(choice(delta={"content": content}), END) == text


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "I see a sign."},
        {"reasoning": {"content": "I see a sign."}},
        {"thinking_blocks": [{"type": "thinking", "thinking": "I see a sign.", "signature": "x"}]},
        {"reasoning": "I see a sign."},
        {"thinking": "I see a sign."},
        {"reasoning": "I see a sign.", "reasoning_content": "I see a sign."},
        {
            "reasoning": "I see a sign.",
            "reasoning_details": [{"type": "reasoning.text", "text": "I see a sign."}],
        },
        {"reasoning_details": [{"type": "reasoning.text", "text": "I see "}, {"text": "a sign."}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "I see a sign."}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "I see a sign."}]}]},
        {"content": [{"type": "thinking", "thinking": "I see a sign."}]},
        {"content": [{"type": "reasoning", "text": "I see a sign."}]},
        {"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "I see a sign."}]}]},
    ],
)
def test_thoughts_are_read_wherever_they_stand_and_never_twice(delta: Any) -> None:
    pieces = list(ReplyReader().feed(choice(delta=delta)))
    assert pieces == [Piece(thoughts="I see a sign.")]


@pytest.mark.parametrize(
    "delta",
    [
        {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]},
        {"images": [{"image_url": "data:image/png;base64,AA"}]},
        {"content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]},
    ],
)
def test_images_are_read_wherever_they_stand(delta: Any) -> None:
    pieces = list(ReplyReader().feed(choice(delta=delta)))
    assert pieces == [Piece(image_urls=("data:image/png;base64,AA",))]


def test_an_image_is_an_answer() -> None:
    assert read(choice(delta={"images": [{"image_url": "data:,"}]}), END) == ""


@pytest.mark.parametrize(
    "text", ['"', "\\", '"}}]}', "\\u00e9", "é", "\x7f", "\0", "\t", "[DONE]", "data: x", "a" * 5000]
)
def test_every_text_is_read_as_it_was_sent(text: str) -> None:
    assert read(FRAMING.delta(text), FRAMING.delta("-"), FRAMING.delta(text), END) == f"{text}-{text}"


def test_content_in_parts_is_joined() -> None:
    assert (
        read(choice(delta={"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), END)
        == "ab"
    )


def test_reasoning_counts_as_a_beginning_and_a_role_does_not() -> None:
    reader = ReplyReader()
    feed(reader, FRAMING.role())
    assert not reader.has_begun
    feed(reader, choice(delta={"reasoning_content": "Hmm"}))
    assert reader.has_begun


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart_from_the_text(name: str) -> None:
    chunks = choice(delta={name: "Let me "}) + choice(delta={name: "see."}) + FRAMING.delta("Hi")
    pieces = list(ReplyReader().feed(chunks))
    assert "".join(piece.thoughts for piece in pieces) == "Let me see."
    assert "".join(piece.text for piece in pieces) == "Hi"


def test_an_emoji_cut_in_two_halves_is_put_together() -> None:
    reader = ReplyReader()
    assert feed(reader, b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n') == ["a"]
    assert feed(reader, b'data: {"choices":[{"delta":{"content":"\\ude00b"}}]}\n\n') == ["😀b"]


def test_half_an_emoji_comes_before_the_text_that_follows_it() -> None:
    half = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
    assert read(half, FRAMING.delta("b"), END) == "a\ufffdb"


def test_half_an_emoji_alone_becomes_a_replacement_character() -> None:
    text = read(b'data: {"choices":[{"delta":{"content":"\\ude00b"}}]}\n\n', END)
    assert text == "\ufffdb"
    assert text.encode()


def test_bad_utf8_becomes_a_replacement_character() -> None:
    assert read(b'data: {"choices":[{"delta":{"content":"a\xff"}}]}\n\n', END) == "a\ufffd"


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


def test_usage_and_cost_come_from_the_last_chunks() -> None:
    reader = ReplyReader(cost={"usd_spent": "9"})
    meta = {"usage": {"credits_used": 84, "usd_spent": 0.1}}
    read(FRAMING.delta("Hi"), FRAMING.finish("length"), FRAMING.usage(7, 2, meta=meta), DONE, reader=reader)
    assert reader.finish(inference_id="i", request_id="r") == Finish(
        finish_reason="length",
        prompt_tokens=7,
        completion_tokens=2,
        usd_spent=Decimal("0.1"),
        credits_used=Decimal(84),
        model_name="some/model",
        completion_id="chatcmpl-1",
        inference_id="i",
        request_id="r",
    )


@pytest.mark.parametrize("value", ["much", {}, "NaNN"])
def test_a_cost_that_is_no_number_is_not_known(value: Any) -> None:
    reader = ReplyReader()
    read(FRAMING.delta("Hi"), FRAMING.usage(1, 1, meta={"usage": {"usd_spent": value}}), END, reader=reader)
    assert reader.finish().usd_spent is None


@pytest.mark.parametrize("usage", [7, [], "many", {"prompt_tokens": "many"}, {"prompt_tokens": None}])
def test_usage_that_is_none_is_not_known_and_harms_nothing(usage: Any) -> None:
    reader = ReplyReader()
    assert (
        read(FRAMING.delta("Hi"), event({"choices": [], "usage": usage, "meta": usage}), END, reader=reader)
        == "Hi"
    )
    assert reader.finish().prompt_tokens is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_figures_that_are_no_numbers_are_not_known(number: str) -> None:
    reader = ReplyReader()
    figures = event({"choices": [], "usage": {"prompt_tokens": 0}, "meta": {"usage": {"usd_spent": 0}}})
    read(FRAMING.delta("Hi"), figures.replace(b":0", f":{number}".encode()), END, reader=reader)
    assert reader.finish() == Finish(
        finish_reason="stop", model_name="some/model", completion_id="chatcmpl-1"
    )


def test_the_first_chunk_says_which_model_answers() -> None:
    reader = ReplyReader()
    read(choice(delta={"content": "a"}), event({"model": "other", "choices": []}), END, reader=reader)
    assert reader.finish().model_name == "m"


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


def test_a_text_that_is_longer_than_any_event_is_not_compared_any_more() -> None:
    reply = ReplyText(max_length=10)
    assert reply.add("One, two, three") == "One, two, three"
    assert reply.add_rest("One, two") == ""
