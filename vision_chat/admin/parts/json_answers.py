"""Answers to the scripts of the admin: JSON, errors too."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from vision_chat.errors.base import ChatError, ProtocolError
from vision_chat.errors.reviews import AuditUnavailableError, ItemClosedError, LeaseLostError
from vision_chat.errors.server import BodyTooLongError
from vision_chat.errors.turns import NotFoundError
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.storable import storable

Body = TypeVar("Body")
View = TypeVar("View", bound=Callable[..., HttpResponse])
STATUSES: Final[dict[type[ChatError], int]] = {
    AuditUnavailableError: 503,
    BodyTooLongError: 413,
    ItemClosedError: 410,
    LeaseLostError: 409,
    NotFoundError: 404,
}
"""The status of each error; 400 of all others."""
MAX_DEPTH: Final = 20
"""Lists and objects within each other that are taken."""


def answers_json(view: View) -> View:
    """Wrap a method that answers a script: POST alone, and what is refused is said as JSON."""

    @wraps(view)
    def wrapper(self: object, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            return view(self, request, *args, **kwargs)
        except ChatError as error:
            return error_response(error)

    return cast(View, wrapper)


def read_body(request: HttpRequest, decoder: msgspec.json.Decoder[Body]) -> Body:
    """Return the body as what `decoder` reads. Raises BodyTooLongError and ProtocolError."""
    try:
        return decoder.decode(request.body)
    except RequestDataTooBig as error:
        raise BodyTooLongError from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(problem=f"{error}"[:300]) from error


def storable_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return what JSON holds without characters that no database stores.

    Raises ProtocolError where it is nested deeper than any page sends it.
    """
    if isinstance(value, str):
        return storable(value, "")
    if not isinstance(value, (list, dict)):
        return value
    if depth == 0:
        raise ProtocolError(problem="it is nested too deep")
    if isinstance(value, list):
        return [storable_json(each, depth - 1) for each in value]
    return {storable_json(key): storable_json(each, depth - 1) for key, each in value.items()}


def error_response(error: ChatError, **more: Any) -> JsonResponse:
    """Return the answer to a request that is refused, with what the page needs to go on."""
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)
    return JsonResponse(error_json(error) | more, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script has sent the form."""
    return request.headers.get("Accept", "").startswith("application/json")
