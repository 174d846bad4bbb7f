"""The outcome of a generation: its last columns and its completion's, in values that every database accepts.

Numbers and texts of a provider are not trusted: one value that a column does not accept would keep the whole
reply from being saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from vision_chat.errors.base import ChatError
from vision_chat.models import Completion, Generation
from vision_chat.models.generation import TOO_MANY_LOGPROBS, Status
from vision_chat.services.completions.ends import ChoiceEnd, Finish
from vision_chat.services.storable import storable

Values = dict[str, object]

_MAX_COUNT = 2**31
_MAX_AMOUNT = 10**6


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold how a generation ended: the columns of its row, and those of its completion."""

    status: Status
    generation: Mapping[str, object]
    completion: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call, or an answer of it, ended: its status, and the error that made it so."""

    status: Status
    error: ChatError | None = None


def choice_values(end: ChoiceEnd) -> Values:
    """Return the columns of the generation."""
    return {
        "finish_reason": _fitting(Generation, "finish_reason", end.finish_reason or ""),
        "tool_calls": [{name: storable(text) for name, text in call.items()} for call in end.tool_calls],
        "logprobs": _logprobs(end),
    }


def _logprobs(end: ChoiceEnd) -> list[Any]:
    if end.has_too_many_logprobs:
        return [TOO_MANY_LOGPROBS]
    return [_storable_entry(*each) for each in end.logprobs]


def _storable_entry(token: str, logprob: float | None, others: Sequence[Sequence[Any]]) -> list[Any]:
    return [storable(token), logprob, [[storable(other), number] for other, number in others]]


def completion_values(finish: Finish) -> Values:
    """Return the columns of the completion: usage, cost and ids."""
    return {
        "prompt_tokens": _count(finish.prompt_tokens),
        "completion_tokens": _count(finish.completion_tokens),
        "usd_spent": _amount(finish.usd_spent, places=8),
        "credits_used": _amount(finish.credits_used, places=6),
        "inference_id": _fitting(Completion, "inference_id", finish.inference_id),
        "completion_id": _fitting(Completion, "completion_id", finish.completion_id),
    }


def error_values(error: ChatError) -> Values:
    """Return the columns of a generation that failed."""
    return {
        "error_code": error.code,
        "error_params": {name: _storable_param(value) for name, value in error.params.items()},
        "error_detail": storable(error.detail),
    }


def _storable_param(value: object) -> object:
    return value if isinstance(value, list) else storable(str(value))


def _fitting(model: type[models.Model], column: str, text: str) -> str:
    field = model._meta.get_field(column)
    return storable(text)[: getattr(field, "max_length", None)]


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < _MAX_COUNT else None


def _amount(number: Decimal | None, *, places: int) -> Decimal | None:
    if number is None or not number.is_finite() or not 0 <= number < _MAX_AMOUNT:
        return None
    return round(number, places)
