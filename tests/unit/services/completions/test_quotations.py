"""What a refusal quotes of the request is told from what the endpoint says."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    NotAllowedError,
    RequestRefusedError,
)
from vision_chat.services.completions._provider_errors import (
    SentRequest,
    error_from_event,
    error_from_response,
)
from vision_chat.services.completions._quotations import MIN_QUOTATION, texts_of, without_quotations
from vision_chat.services.completions.habits import habits_in

QUESTION = 'Why "maximum context length is 4096 tokens"?\nIst das üblich?'
REQUEST = {"model": "m", "messages": [{"role": "user", "content": QUESTION}], "n": 0}
SENT = SentRequest(texts=(QUESTION,))
ERRORS = [{"type": "value_error", "loc": ("body", "n"), "msg": "n must be at least 1", "input": REQUEST}]
REFUSALS = {
    "vLLM, as Python writes it": {"object": "error", "message": str(ERRORS), "code": 400},
    "as JSON": {"error": {"message": f"Bad request: {json.dumps(REQUEST)}"}},
    "as JSON in Unicode": {"error": {"message": f"Bad request: {json.dumps(REQUEST, ensure_ascii=False)}"}},
    "as it is": {"error": {"message": f"I do not understand: {QUESTION}"}},
}  # fmt: skip


def refusal(body: Any, *, status: int = 400) -> CompletionError:
    return error_from_response(status, {}, json.dumps(body).encode(), SENT)


@pytest.mark.parametrize("body", REFUSALS.values(), ids=REFUSALS)
def test_a_text_of_the_request_in_a_refusal_shows_neither_cause_nor_habit(body: Any) -> None:
    error = refusal(body)

    assert type(error) is RequestRefusedError
    assert habits_in(error.words) == ()
    assert "4096" in error.detail, "an administrator reads the whole refusal"


def test_a_text_of_the_request_in_an_error_of_the_stream_shows_nothing_either() -> None:
    event = {"error": {"message": f"I do not understand: {QUESTION}", "code": 400}}
    error = error_from_event(event, SENT)

    assert type(error) is RequestRefusedError
    assert habits_in(error.words) == ()


def test_a_long_quotation_hides_nothing_of_what_the_endpoint_says() -> None:
    long = "the weather " * 4000
    body = {"error": {"message": f"{long}: maximum context length is 8192 tokens"}}
    error = error_from_response(400, {}, json.dumps(body).encode(), SentRequest(texts=(long,)))

    assert type(error) is ContextTooLongError
    assert [habit.number for habit in habits_in(error.words)] == [8192]


@pytest.mark.parametrize("text", ["a", "tokens", "8192", "context length"])
def test_a_short_text_takes_no_words_out_of_a_refusal(text: str) -> None:
    words = "This model's maximum context length is 8192 tokens"

    assert without_quotations(words, [text]) == words


def test_a_text_within_another_leaves_nothing_of_it() -> None:
    texts = ["Please be so brief.", "Please be so brief. And kind."]

    assert min(map(len, texts)) >= MIN_QUOTATION
    assert without_quotations("No: Please be so brief. And kind.", texts) == "No: …"


def test_the_same_words_of_the_endpoint_itself_count() -> None:
    assert type(refusal({"error": {"message": "Forbidden: not a member"}}, status=403)) is NotAllowedError
    assert (
        type(refusal({"error": {"message": "maximum context length is 512 tokens"}})) is ContextTooLongError
    )


def test_the_texts_of_a_request_are_those_of_every_message() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    messages: list[Mapping[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [image, {"type": "text", "text": "What is this?"}]},
    ]

    assert list(texts_of(messages)) == ["Be brief.", "What is this?"]
