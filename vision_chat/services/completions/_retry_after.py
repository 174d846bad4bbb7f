"""The seconds after which an endpoint that refuses a request wants to be asked again. No I/O."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

RESETS: Final = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
"""Headers of limits: what is left of one, and when it is whole again."""
EPOCH: Final = 10**9
"""A number from here on is a time, not a length of time."""
EPOCH_MS: Final = 10**12

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PIECE: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|hours?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])", re.IGNORECASE
)
_IN_WORDS: Final = re.compile(
    r"\b(?:retry|try again|wait)(?: your request)?(?: (?:in|after|for))?(?: about| another)?\s+"
    rf"(?P<time>(?:{_PIECE.pattern}\s*)+)",
    re.IGNORECASE,
)
_DELAY: Final = re.compile(r'"retryDelay"\s*:\s*"(?P<time>[^"]{1,20})"')


def retry_after(headers: Mapping[str, str], words: str = "", body: str = "") -> float | None:
    """Return the seconds that headers or words of a refusal for too many requests name; None where none do.

    The header that is meant for it comes first, then words, then limits of which nothing is left.
    """
    for found in (asked_in_header(headers), _in_words(words, body)):
        if found is not None:
            return found
    resets = [_seconds(headers.get(reset, "")) for left, reset in RESETS if headers.get(left) == "0"]
    return max((seconds for seconds in resets if seconds is not None), default=None)


def asked_in_header(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of the header that is meant for it, whatever the error."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    return _seconds(headers.get("retry-after", "")) if milliseconds is None else max(0.0, milliseconds / 1000)


def _in_words(words: str, body: str) -> float | None:
    found = _DELAY.search(body) or _IN_WORDS.search(words)
    return None if found is None else _duration(found["time"])


def _seconds(value: str) -> float | None:
    """Return the seconds from now of a number, a duration such as 6m0s, a time of the epoch or a date."""
    number = _number(value)
    if number is not None:
        if number >= EPOCH:
            number = number / (1000 if number >= EPOCH_MS else 1) - datetime.now(UTC).timestamp()
        return max(0.0, number)
    if (duration := _duration(value)) is not None:
        return duration
    moment = _moment(value)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _duration(value: str) -> float | None:
    pieces = _PIECE.findall(value)
    if not pieces or _PIECE.sub("", value).strip(" .,;"):
        return None
    return sum(float(number) * _UNITS[_unit(name)] for number, name in pieces)


def _unit(name: str) -> str:
    name = name.lower()
    return "ms" if name.startswith(("ms", "milli")) else name[0]


def _moment(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None
