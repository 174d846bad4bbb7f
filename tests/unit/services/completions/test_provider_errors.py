from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest

from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    CreditsError,
    EndpointFailedError,
    KeyRefusedError,
    ModelNotFoundError,
    NotACompletionError,
    NotAllowedError,
    OverloadedError,
    RateLimitedError,
    RequestRefusedError,
    RequestTooLargeError,
)
from vision_chat.services.completions._provider_errors import MAX_DETAIL, SentRequest, error_from_response


def refuse(status: int, body: Any = None, **headers: str) -> CompletionError:
    raw = (
        body.encode()
        if isinstance(body, str)
        else msgspec.json.encode(body or {"error": {"message": "Words"}})
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_from_response(status, named, raw, SentRequest("some/model", "sk-1"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefusedError),
        (401, KeyRefusedError),
        (402, CreditsError),
        (403, NotAllowedError),
        (404, ModelNotFoundError),
        (405, NotACompletionError),
        (408, EndpointFailedError),
        (413, RequestTooLargeError),
        (422, RequestRefusedError),
        (429, RateLimitedError),
        (500, EndpointFailedError),
        (502, EndpointFailedError),
        (529, OverloadedError),
        (301, NotACompletionError),
    ],
)
def test_every_status_has_its_error(status: int, kind: type[CompletionError]) -> None:
    assert type(refuse(status)) is kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"error": {"message": "x", "code": "insufficient_quota"}}, CreditsError),
        (400, {"error": {"message": "x", "code": "model_decommissioned"}}, ModelNotFoundError),
        (
            400,
            {"error": {"message": "This model's maximum context length is 8192"}},
            ContextTooLongError,
        ),
        (404, "404 page not found", NotACompletionError),
        (404, {"detail": "Not Found"}, NotACompletionError),
        (404, "<html>", NotACompletionError),
        (404, {"message": "Cannot POST /v2/chat/completions", "statusCode": 404}, NotACompletionError),
    ],
)
def test_words_and_codes_say_more_than_the_status(
    status: int, body: Any, kind: type[CompletionError]
) -> None:
    assert type(refuse(status, body)) is kind


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": {"message": "Words", "type": "t", "code": "c"}}, "HTTP 400: Words (c)"),
        ({"error": {"message": "Words", "type": "t", "code": None}}, "HTTP 400: Words (t)"),
        ({"message": "Words", "requestId": "r1", "statusCode": 400}, "HTTP 400: Words [request r1]"),
        ({"message": ["a", "b"], "statusCode": 400}, 'HTTP 400: ["a","b"]'),
        ({"error": "Words"}, "HTTP 400: Words"),
        ({"detail": "Words"}, "HTTP 400: Words"),
        ([{"error": {"message": "Words"}}], "HTTP 400: Words"),
        ({"message": {"why": ["Words"]}}, 'HTTP 400: {"why":["Words"]}'),
        (f'{{"message": {"[" * 900}{"]" * 900}}}', "HTTP 400: " + "[" * 900 + "]" * 900),
        (f'{{"message": "Words", "error": {{"code": 1{"0" * 400}}}}}', f"HTTP 400: Words (1{'0' * 400})"),
        (f'{{"message": 1{"0" * 400}}}', f"HTTP 400: 1{'0' * 400}"),
        ("Plain words", "HTTP 400: Plain words"),
        ("7", "HTTP 400: 7"),
        ("[" * 9000, f"HTTP 400: {'[' * 9000}"[: MAX_DETAIL - 1] + "…"),
        ("Your key sk-1 is bad", "HTTP 400: Your key [key] is bad"),
    ],
)
def test_the_providers_words_are_kept_for_the_administrator(body: Any, detail: str) -> None:
    error = refuse(400, body)
    assert error.detail == detail
    assert "Words" not in str(error)


def test_the_request_id_may_come_in_a_header() -> None:
    assert refuse(500, x_inference_id="i1").detail == "HTTP 500: Words [request i1]"
    assert refuse(500, x_request_id="x1").detail == "HTTP 500: Words [request x1]"


def test_many_words_are_trimmed_and_the_request_id_stays() -> None:
    detail = refuse(500, {"message": "x" * 9000, "requestId": "r1"}).detail
    assert len(detail) == MAX_DETAIL
    assert detail.endswith("x… [request r1]")


def test_the_model_is_named_to_the_person() -> None:
    assert "some/model" in str(refuse(404))


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", None), ("", None)]
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert refuse(429, retry_after=header).retry_after == seconds


def test_retry_after_as_a_date() -> None:
    soon = refuse(429, retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    assert soon.retry_after is not None
    assert 25 < soon.retry_after <= 30
    assert refuse(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0
    assert refuse(429, retry_after="Wed, 21 Oct 2015 07:28:00 -0000").retry_after == 0


def test_words_about_time_are_those_of_a_limit_only() -> None:
    body = {"error": {"message": "Please try again in 30s."}}
    assert refuse(429, body).retry_after == 30
    assert refuse(503, body).retry_after is None
