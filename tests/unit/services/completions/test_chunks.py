from typing import Any

import pytest

from tests.support.chunk_reading import END, FRAMING, choice, feed, read
from vision_chat.demo.framing import event
from vision_chat.services.completions._reply_text import ReplyText
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.pieces import Piece


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


def test_a_text_that_is_longer_than_any_event_is_not_compared_any_more() -> None:
    reply = ReplyText(max_length=10)
    assert reply.add("One, two, three") == "One, two, three"
    assert reply.add_rest("One, two") == ""
