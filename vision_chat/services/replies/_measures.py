"""The metrics, the log line and the span of a generation, at its beginning and its end."""

import logging
from collections.abc import Mapping
from typing import Any

from vision_chat.errors.base import ChatError
from vision_chat.models import Generation
from vision_chat.services.metrics import measured
from vision_chat.services.spans import Call, spans

logger = logging.getLogger(__name__)


def note_start(generation: Generation) -> None:
    """Count a generation that begins."""
    measured.REPLIES_STARTED.add(1, generation.completion.model_name)


def note_end(generation: Generation, status: str, values: Mapping[str, Any], error: ChatError | None) -> None:
    """Count how a generation has ended, and log it; `values` are the columns of its row."""
    model_name = generation.completion.model_name
    measured.REPLIES_ENDED.add(1, model_name, status)
    if error is not None:
        measured.REPLY_ERRORS.add(1, error.code)
    if (first := values.get("first_token_ms")) is not None:
        measured.FIRST_TOKEN.observe(first / 1000, model_name)
    if (duration := values.get("duration_ms")) is not None:
        measured.REPLY_DURATION.observe(duration / 1000, model_name)
    logger.info(
        "Reply %s is %s",
        generation.message_id,
        status,
        extra={
            "facts": {
                "message_id": generation.message_id,
                "generation_id": generation.pk,
                "status": status,
                "error": error.code if error else None,
                "model": model_name,
                "first_token_ms": first,
                "duration_ms": duration,
            }
        },
    )


def note_usage(generation: Generation, values: Mapping[str, Any]) -> None:
    """Count what a call has cost; `values` are the columns of its completion. Once for each call."""
    model_name = generation.completion.model_name
    for kind in ("prompt", "completion"):
        measured.TOKENS.add(values.get(f"{kind}_tokens") or 0, model_name, kind)
    measured.COST.add(float(values.get("usd_spent") or 0), model_name)


def send_span(
    generation: Generation, status: str, values: Mapping[str, Any], error: ChatError | None
) -> None:
    """Send the span of a generation; `values` are columns of its row and of its completion.

    Does nothing where its figures could not be saved.
    """
    if "duration_ms" not in values:
        return
    completion = generation.completion
    call = Call(
        endpoint=completion.endpoint,
        model_name=completion.model_name,
        asked_model_name=completion.asked_model_name,
        status=status,
        duration_ms=values["duration_ms"],
        first_token_ms=values.get("first_token_ms"),
        error=error.code if error else None,
        finish_reason=values.get("finish_reason") or "",
        prompt_tokens=values.get("prompt_tokens"),
        completion_tokens=values.get("completion_tokens"),
        request_id=completion.request_id,
        message_id=generation.message_id,
        generation_id=generation.pk,
    )
    spans.record(call)
