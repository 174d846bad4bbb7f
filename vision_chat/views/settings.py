"""The settings of a conversation by POST: model, instructions, parameters."""

import uuid

import msgspec
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from vision_chat.errors.base import ProtocolError
from vision_chat.errors.server import BodyTooLongError
from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.change_settings import (
    ChangedSettings,
    SettingsChange,
    change_settings,
)
from vision_chat.services.presentation.sentences import error_json, sentence

_decoder = msgspec.json.Decoder(SettingsChange)


@login_required
@require_POST
async def change(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Change what is valid of a JSON object. Answers with the settings as they are now, and what is wrong."""
    try:
        wanted = _decoder.decode(request.body)
    except RequestDataTooBig:
        return JsonResponse(error_json(BodyTooLongError()), status=413)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        return JsonResponse(error_json(ProtocolError(problem=f"{error}"[:300])), status=400)
    try:
        changed = await change_settings(await context_of(request), conversation_id, wanted)
    except NotFoundError as error:
        raise Http404 from error
    return JsonResponse(_answer(changed))


def _answer(changed: ChangedSettings) -> dict[str, object]:
    summary = changed.summary
    return {
        "model": summary.model,
        "takes_images": summary.takes_images,
        "is_default": summary.is_default,
        "errors": {name: sentence(error, error.params) for name, error in changed.errors.items()},
    }
