"""The errors that endpoints report: status and body in, typed error out. No I/O.

Two styles of body are common: `{"error": {"message", "type", "code"}}` (OpenAI) and `{"message",
"statusCode", "requestId"}` (AI/ML API); a few say `{"detail": ...}` or `{"error": "text"}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, Self

import msgspec

from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    CreditsError,
    EndpointFailedError,
    KeyRefusedError,
    ModelNotFoundError,
    NotACompletionError,
    RateLimitedError,
    ReplyFailedError,
    RequestRefusedError,
    RequestTooLargeError,
)

MAX_DETAIL: Final = 2000

BY_STATUS: Final[Mapping[int, type[CompletionError]]] = {
    401: KeyRefusedError,
    402: CreditsError,
    403: CreditsError,
    404: ModelNotFoundError,
    405: NotACompletionError,
    408: EndpointFailedError,
    413: RequestTooLargeError,
    429: RateLimitedError,
}

# Codes say more than the status where an endpoint sends them.
BY_CODE: Final[Mapping[str, type[CompletionError]]] = {
    "context_length_exceeded": ContextTooLongError,
    "insufficient_quota": CreditsError,
    "invalid_api_key": KeyRefusedError,
    "model_decommissioned": ModelNotFoundError,
    "model_not_found": ModelNotFoundError,
}

# Endpoints without a code for it say it in one of these ways.
CONTEXT_WORDS: Final = (
    "context length",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
)

# A web server's own 404: the path is wrong, not the model.
NO_SUCH_PATH: Final = ("", "not found", "cannot post", "404 page not found")


@dataclass(frozen=True, slots=True)
class ProviderError:
    """An error as the provider reports it."""

    message: str = ""
    code: str = ""
    status: int | None = None
    request_id: str = ""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        inner = body.get("error")
        error = inner if isinstance(inner, Mapping) else {}
        message = error.get("message") or body.get("message") or body.get("detail") or inner or ""
        code = error.get("code") or error.get("type") or ""
        status = body.get("statusCode") or error.get("status") or error.get("code") or body.get("code")
        return cls(
            message=_text(message),
            code=_text(code),
            status=_status(status),
            request_id=_text(
                body.get("requestId") or body.get("request_id") or error.get("request_id") or ""
            ),
        )

    def detail(self, prefix: str, secret: str) -> str:
        code = f" ({self.code})" if self.code else ""
        request_id = f" [request {self.request_id}]" if self.request_id else ""
        return trimmed(f"{prefix}{self.message}{code}", secret, MAX_DETAIL - len(request_id)) + request_id


def trimmed(text: str, secret: str = "", limit: int = MAX_DETAIL) -> str:
    """Return `text` fit for a log: without the key, and of limited length."""
    if secret:
        text = text.replace(secret, "[key]")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def error_from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, model_name: str = "", secret: str = ""
) -> CompletionError:
    """Return the error for a response that is not 2xx."""
    reported = _read(body)
    request_id = reported.request_id or headers.get("x-inference-id") or headers.get("x-request-id") or ""
    reported = ProviderError(reported.message, reported.code, reported.status, request_id)
    kind = _kind(status, reported)
    error = kind(reported.detail(f"HTTP {status}: ", secret), model_name=model_name)
    error.retry_after = _seconds(headers.get("retry-after"))
    return error


def error_from_event(
    event: Mapping[str, Any], *, model_name: str = "", secret: str = ""
) -> CompletionError | None:
    """Return the error that an event of a stream reports, None where it reports none."""
    if not event.get("error") and event.get("object") != "error" and not event.get("statusCode"):
        return None
    reported = ProviderError.from_json(event)
    kind = _kind(reported.status or 500, reported)
    if kind is EndpointFailedError:
        kind = ReplyFailedError
    return kind(reported.detail("", secret), model_name=model_name)


def _read(body: bytes) -> ProviderError:
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        said = body.decode(errors="replace")
    if isinstance(said, list) and said:
        said = said[0]  # Google wraps its error into a list
    return ProviderError.from_json(said) if isinstance(said, Mapping) else ProviderError(str(said))


def _kind(status: int, reported: ProviderError) -> type[CompletionError]:
    by_code = BY_CODE.get(reported.code)
    if by_code is not None:
        return by_code
    said = reported.message.lower().strip()
    if status == HTTPStatus.NOT_FOUND and (said.startswith(("cannot post", "<")) or said in NO_SUCH_PATH):
        return NotACompletionError
    if status < 500 and any(phrase in said for phrase in CONTEXT_WORDS):
        return ContextTooLongError
    return BY_STATUS.get(status) or _kind_by_class(status)


def _kind_by_class(status: int) -> type[CompletionError]:
    if status >= 500:
        return EndpointFailedError
    return RequestRefusedError if status >= 400 else NotACompletionError


def _text(value: object) -> str:
    """Return text as it is, anything else as JSON, "" where that is too deep or has too large a number."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (RecursionError, ValueError):
        return ""


def _status(value: object) -> int | None:
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return int(text) if text.isdecimal() and 400 <= int(text) <= 599 else None


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
