"""Letter keys of the pages on which conversations are reviewed."""

from typing import Final

from django.http import HttpRequest

_COOKIE: Final = "review_keys"
"""Says "off" for those who have switched them off; static/js/lib/review-keys.js writes it."""


def has_keys(request: HttpRequest) -> bool:
    return request.COOKIES.get(_COOKIE) != "off"
