"""Requests whose body is a JSON object, and errors as JSON."""

from typing import TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse

from vision_chat.errors.base import ChatError, ProtocolError
from vision_chat.errors.images import TooManyLooksError
from vision_chat.errors.server import BodyTooLongError
from vision_chat.errors.settings import PresetGoneError, PresetNameTakenError
from vision_chat.services.presentation.sentences import error_json

Body = TypeVar("Body")
STATUSES: dict[type[ChatError], int] = {
    BodyTooLongError: 413,
    PresetGoneError: 404,
    PresetNameTakenError: 409,
    TooManyLooksError: 429,
}
"""The status of each error; 400 of all others."""


def read_body(request: HttpRequest, decoder: msgspec.json.Decoder[Body]) -> Body:
    """Return the body as what `decoder` reads. Raises BodyTooLongError and ProtocolError."""
    try:
        return decoder.decode(request.body)
    except RequestDataTooBig as error:
        raise BodyTooLongError from error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(problem=f"{error}"[:300]) from error


def error_response(error: ChatError) -> JsonResponse:
    """Return the answer to a request that is refused."""
    return JsonResponse(error_json(error), status=STATUSES.get(type(error), 400))
