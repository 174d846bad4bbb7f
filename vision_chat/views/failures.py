"""The answer to a request that failed."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from vision_chat.server.refusals import cause_of, refusal


def failed(request: HttpRequest) -> HttpResponse:
    """Say what is wrong where it is known. Django's `handler500`, called while the exception is handled."""
    cause = cause_of(sys.exception())
    return server_error(request) if cause is None else refusal(cause, request.headers.get("Accept", ""))
