"""What a generation keeps of how it ended, made fit for every database.

The provider's figures and words are not to be trusted: one value that a column does not take would keep
the whole reply from being saved, again and again.
"""

import re
from decimal import Decimal

from vision_chat.errors.base import ChatError
from vision_chat.models import Generation
from vision_chat.services.completions.chunks import Finish

Values = dict[str, object]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LARGEST_COUNT = 2**31
_LARGEST_AMOUNT = 10**6


def storable(text: str) -> str:
    """`text` with what PostgreSQL or UTF-8 cannot hold replaced."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def finish_values(finish: Finish) -> Values:
    return {
        "finish_reason": _fitting("finish_reason", finish.finish_reason or ""),
        "inference_id": _fitting("inference_id", finish.inference_id),
        "prompt_tokens": _count(finish.prompt_tokens),
        "completion_tokens": _count(finish.completion_tokens),
        "usd_spent": _amount(finish.usd_spent),
    }


def error_values(error: ChatError) -> Values:
    return {
        "error_code": error.code,
        "error_params": {name: storable(str(value)) for name, value in error.params.items()},
        "error_detail": storable(error.detail),
    }


def _fitting(column: str, text: str) -> str:
    field = Generation._meta.get_field(column)
    return storable(text)[: getattr(field, "max_length", None)]


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < _LARGEST_COUNT else None


def _amount(number: Decimal | None) -> Decimal | None:
    if number is None or not number.is_finite() or not 0 <= number < _LARGEST_AMOUNT:
        return None
    return round(number, 8)
