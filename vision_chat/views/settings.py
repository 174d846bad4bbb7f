"""The settings of a conversation: its dialog, and model, instructions and parameters by POST."""

import uuid

import msgspec
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vision_chat.errors.base import ProtocolError
from vision_chat.errors.server import BodyTooLongError
from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.change_settings import (
    MAX_SYSTEM_PROMPT_LENGTH,
    ChangedSettings,
    SettingsChange,
    change_settings,
)
from vision_chat.services.conversations.settings_summary import settings_shown
from vision_chat.services.presentation.sentences import error_json, sentence
from vision_chat.services.presentation.settings import groups_of

_decoder = msgspec.json.Decoder(SettingsChange)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def settings(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of the fields with their values, or change what a JSON object names."""
    if request.method == "POST":
        return await _change(request, conversation_id)
    context = await context_of(request)
    try:
        shown = await context.on_reader(settings_shown, context.settings, conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    fields = {
        "system_prompt": shown.system_prompt,
        "groups": groups_of(shown.parameters, shown.endpoint),
        "max_system_prompt_length": MAX_SYSTEM_PROMPT_LENGTH,
    }
    return render(request, "_settings_fields.html", fields)


async def _change(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
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
