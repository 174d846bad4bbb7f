"""The errors that endpoints report: status and body in, typed error out. No I/O.

Two styles of body are common: `{"error": {"message", "type", "code"}}` (OpenAI) and `{"message",
"statusCode", "requestId"}` (AI/ML API); a few say `{"detail": ...}` or `{"error": "text"}`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import msgspec

from vision_chat.errors.completions import (
    CompletionError,
    EndpointFailedError,
    OverloadedError,
    RateLimitedError,
    ReplyFailedError,
)
from vision_chat.services.completions._causes import cause_of
from vision_chat.services.completions._quotations import without_quotations
from vision_chat.services.completions._retry_after import asked_in_header, retry_after

MAX_DETAIL: Final = 2000
MAX_WORDS: Final = 2000
MAX_DEPTH: Final = 12

QUOTING_FIELDS: Final = frozenset(
    {"input", "ctx", "messages", "prompt", "failed_generation", "url", "traceback"}
)
"""Fields of an error that quote the request, or are no words of the endpoint about it."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """Facts that the errors of a request need: the model, the key and texts, which they may quote."""

    model_name: str = ""
    secret: str = field(default="", repr=False)
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderError:
    """An error as the provider reports it."""

    message: str = ""
    code: str = ""
    status: int | None = None
    request_id: str = ""
    words: str = ""
    """All texts and numbers of the error but those of fields that quote."""

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
            words=" ".join(_words(body)),
        )

    def own_words(self, sent: SentRequest) -> str:
        """Return the words in which cause and habits are found: without quotations of the request."""
        return without_quotations(self.words, sent.texts)[:MAX_WORDS]

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
    status: int, headers: Mapping[str, str], body: bytes, sent: SentRequest
) -> CompletionError:
    """Return the error for a response that is not 2xx."""
    reported = _read(body)
    if not reported.request_id:
        request_id = headers.get("x-inference-id") or headers.get("x-request-id") or ""
        reported = replace(reported, request_id=request_id)
    words = reported.own_words(sent)
    kind = cause_of(status, reported.code, reported.message, words)
    error = kind(reported.detail(f"HTTP {status}: ", sent.secret), model_name=sent.model_name)
    is_limit = isinstance(error, RateLimitedError)
    error.retry_after = (
        retry_after(headers, words, body.decode(errors="replace")) if is_limit else asked_in_header(headers)
    )
    error.words = trimmed(words, sent.secret, MAX_WORDS)
    return error


def error_from_event(event: Mapping[str, Any], sent: SentRequest) -> CompletionError | None:
    """Return the error that an event of a stream reports, None where it reports none."""
    if not event.get("error") and event.get("object") != "error" and not event.get("statusCode"):
        return None
    reported = ProviderError.from_json(event)
    words = reported.own_words(sent)
    kind = cause_of(reported.status or 500, reported.code, reported.message, words)
    if kind in (EndpointFailedError, OverloadedError):
        kind = ReplyFailedError
    error = kind(reported.detail("", sent.secret), model_name=sent.model_name)
    error.retry_after = retry_after({}, words) if isinstance(error, RateLimitedError) else None
    error.words = trimmed(words, sent.secret, MAX_WORDS)
    return error


def _read(body: bytes) -> ProviderError:
    try:
        decoded = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        decoded = body.decode(errors="replace")
    if isinstance(decoded, list) and decoded:
        decoded = decoded[0]  # Google wraps its error into a list
    return (
        ProviderError.from_json(decoded)
        if isinstance(decoded, Mapping)
        else ProviderError(str(decoded), words=str(decoded))
    )


def _words(value: object, name: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the texts of an error, and its numbers with their names."""
    if isinstance(value, str):
        yield f"{name} {value}" if name == "param" else value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{name}: {value}" if abs(value) < 1e15 else name
    elif depth < MAX_DEPTH and isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in QUOTING_FIELDS:
                yield from _words(inner, str(key), depth + 1)
    elif depth < MAX_DEPTH and isinstance(value, list):
        for inner in value:
            yield from _words(inner, name, depth + 1)


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
