"""The answer to a request that failed."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from vision_chat.server.refusals import meaning_of, refusal


def failed(request: HttpRequest) -> HttpResponse:
    """Say what is wrong where it is known. Django's `handler500`, called while the exception is handled."""
    meaning = meaning_of(sys.exception())
    return server_error(request) if meaning is None else refusal(meaning, request.headers.get("Accept", ""))
