"""Whole streams as endpoints send them, in `tests/corpus/streams`: the reply that each of them is."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.paths import ROOT
from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    NotACompletionError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
    ReplyFilteredError,
    ThoughtsOnlyError,
    ThoughtsTooLongError,
)
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.ends import End, end_of

STREAMS = ROOT / "tests" / "corpus" / "streams"
TEXT = "Two doors, one open."
THOUGHTS = "I count them."


@dataclass(frozen=True)
class Reply:
    """What a stream is read as. `words` are those of the provider."""

    text: str = TEXT
    thoughts: str = ""
    end: End = End.COMPLETE
    error: type[CompletionError] | None = None
    words: str = ""


def failed(error: type[CompletionError], words: str = "", text: str = TEXT, end: End = End.NONE) -> Reply:
    return Reply(text, "", end, error, words)


COMPLETED = Reply()
CUT_OFF = failed(ReplyCutOffError)

REPLIES = {
    "end_stop": COMPLETED,
    "end_tool_calls": COMPLETED,
    "end_eos": COMPLETED,
    "end_end_turn": COMPLETED,
    "end_STOP": COMPLETED,
    "end_FinishReason_STOP": COMPLETED,
    "end_a_new_reason": COMPLETED,
    "length_length": Reply(end=End.LENGTH),
    "length_max_tokens": Reply(end=End.LENGTH),
    "length_MAX_TOKENS": Reply(end=End.LENGTH),
    "length_model_length": Reply(end=End.LENGTH),
    "length_without_a_word": failed(ThoughtsTooLongError, "length", "", End.LENGTH),
    "filter_content_filter": Reply(end=End.FILTERED),
    "filter_SAFETY": Reply(end=End.FILTERED),
    "filter_guardrail_intervened": Reply(end=End.FILTERED),
    "filter_before_a_word": failed(ReplyFilteredError, "content_filter", "", End.FILTERED),
    "error_finish_reason": failed(ReplyFailedError, "the upstream is gone", end=End.FAILED),
    "error_on_the_choice": failed(ReplyFailedError, "the upstream is gone"),
    "error_event_after_text": failed(ReplyFailedError, "out of memory"),
    "error_finish_reason_alone": failed(ReplyFailedError, "insufficient_system_resource", end=End.FAILED),
    "refusal": Reply("I cannot name people."),
    "finish_reason_empty_then_cut": CUT_OFF,
    "finish_reason_null_then_cut": CUT_OFF,
    "nothing_but_a_role_then_cut": failed(ReplyCutOffError, text=""),
    "done_without_finish_reason": Reply(end=End.NONE),
    "error_after_the_end": COMPLETED,
    "garbage_after_the_end": COMPLETED,
    "second_finish_reason": COMPLETED,
    "text_after_the_end": COMPLETED,
    "heartbeats": COMPLETED,
    "one_line_end": COMPLETED,
    "carriage_returns": COMPLETED,
    "event_names": COMPLETED,
    "no_blank_after_the_colon": COMPLETED,
    "done_with_blanks": COMPLETED,
    "done_in_small_letters": Reply(end=End.NONE),
    "event_over_several_lines": COMPLETED,
    "byte_order_mark": COMPLETED,
    "error_field": failed(ContextTooLongError, "exceeds the available context size", ""),
    "error_event_with_words": failed(CompletionError, "The server is overloaded", ""),
    "error_event_with_json": failed(CompletionError, "Overloaded", ""),
    "error_bare_in_one_line": failed(ReplyFailedError, "CUDA error", "Two doors,"),
    "error_bare_in_many_lines": failed(ReplyFailedError, "CUDA error", "Two doors,"),
    "error_of_vllm": failed(CompletionError, "boom", ""),
    "whole_json": COMPLETED,
    "whole_json_in_many_lines": COMPLETED,
    "whole_json_without_finish_reason": Reply(end=End.NONE),
    "json_lines": COMPLETED,
    "web_page": failed(NotACompletionError, "Please sign in", ""),
    "garbage_in_mid_answer": failed(ReplyFailedError, "broken"),
    "numbers": Reply("There are 12 doors, 0.5 open."),
    "parts": COMPLETED,
    "message_beside_an_empty_delta": COMPLETED,
    "message_with_all_at_the_end": COMPLETED,
    "old_completion": COMPLETED,
    "two_choices": COMPLETED,
    "thoughts_reasoning": Reply(thoughts=THOUGHTS),
    "thoughts_reasoning_content": Reply(thoughts=THOUGHTS),
    "thoughts_thinking": Reply(thoughts=THOUGHTS),
    "thoughts_twice": Reply(thoughts=THOUGHTS),
    "thoughts_as_parts": Reply(thoughts=THOUGHTS),
    "thoughts_only": Reply("", THOUGHTS, End.COMPLETE, ThoughtsOnlyError),
    "thoughts_up_to_the_length": Reply("", THOUGHTS, End.LENGTH, ThoughtsTooLongError),
}


def read(*data: bytes) -> Reply:
    """Read a stream that comes in these pieces."""
    reader, text, thoughts = ReplyReader(), "", ""
    error: CompletionError | None = None
    try:
        for part in data:
            for piece in reader.feed(part):
                text, thoughts = text + piece.text, thoughts + piece.thoughts
        for piece in reader.flush():
            text, thoughts = text + piece.text, thoughts + piece.thoughts
        reader.check_end()
    except CompletionError as raised:
        error = raised
    kind = type(error) if error else None
    return Reply(text, thoughts, end_of(reader.end(0).finish_reason), kind, error.detail if error else "")


def assert_same(found: Reply, expected: Reply) -> None:
    assert (found.text, found.thoughts, found.end) == (expected.text, expected.thoughts, expected.end)
    assert issubclass(found.error or type(None), expected.error or type(None))
    assert expected.words in found.words


def test_every_stream_of_the_corpus_is_expected_to_be_something() -> None:
    assert {path.stem for path in STREAMS.iterdir()} == set(REPLIES)


@pytest.mark.parametrize("name", REPLIES)
def test_a_stream_is_read_as_the_reply_that_it_is(name: str) -> None:
    data = stream(name)
    assert_same(read(data), REPLIES[name])
    assert_same(read(*(data[at : at + 1] for at in range(len(data)))), REPLIES[name])


@given(name=st.sampled_from(sorted(REPLIES)), cuts=st.lists(st.integers(1, 1500), max_size=6))
def test_a_stream_cut_anywhere_is_the_same_reply(name: str, cuts: list[int]) -> None:
    data, pieces = stream(name), []
    for cut in cuts:
        pieces.append(data[:cut])
        data = data[cut:]
    assert_same(read(*pieces, data), REPLIES[name])


def test_an_empty_answer_is_an_error() -> None:
    found = read(b'data: {"choices":[{"delta":{"content":" "},"finish_reason":"stop"}]}\n\n')
    assert found.error is ReplyEmptyError


def stream(name: str) -> bytes:
    return Path(STREAMS, f"{name}.sse").read_bytes()
