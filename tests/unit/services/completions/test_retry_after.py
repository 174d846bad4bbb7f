from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from vision_chat.services.completions._retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "2m30s"}, 150),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "20s"}, None),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "1h",
            },
            3600,
        ),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "10 sheep"}, None),
        ({}, None),
    ],
)
def test_headers_name_seconds_and_other_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def in_half_a_minute() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=30)


@pytest.mark.parametrize(
    "headers",
    [
        lambda: {"retry-after": format_datetime(in_half_a_minute(), usegmt=True)},
        lambda: {"retry-after": format_datetime(in_half_a_minute().replace(tzinfo=None))},
        lambda: {
            "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": in_half_a_minute().isoformat(),
        },
        lambda: {
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(int(in_half_a_minute().timestamp() * 1000)),
        },
        lambda: {"ratelimit-remaining": "0", "ratelimit-reset": str(int(in_half_a_minute().timestamp()))},
    ],
    ids=["date", "date without a zone", "date of a limit", "milliseconds of the epoch", "of the epoch"],
)
def test_headers_name_a_time(headers: "object") -> None:
    assert callable(headers)
    assert 27 < (retry_after(headers()) or 0) <= 30


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached for model `m`. Please try again in 7m12.5s. Visit", 432.5),
        ("Limit 30000, Used 29800. Please try again in 590ms.", 0.59),
        ("Please retry after 26 seconds.", 26),
        ("Please retry in 34.074824224s.", 34.074824224),
        ("Too many requests. Wait 1 minute, then go on", 60),
        ("Try again in about 2 hours", 7200),
        ("Please try again later.", None),
        ("You have 20 seconds of audio.", None),
        ("", None),
    ],
)
def test_words_name_them_too(words: str, seconds: float | None) -> None:
    assert retry_after({}, words) == (None if seconds is None else pytest.approx(seconds))


def test_the_header_that_is_meant_for_it_comes_first_and_limits_last() -> None:
    limits = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "50s"}

    assert retry_after({"retry-after": "3", **limits}, "try again in 9s") == 3
    assert retry_after(limits, "try again in 9s") == 9
    assert retry_after(limits) == 50


def test_a_delay_in_the_details_of_an_error_is_read() -> None:
    body = '{"error": {"details": [{"@type": "RetryInfo", "retryDelay": "34s"}]}}'
    assert retry_after({}, "Resource exhausted", body) == 34
