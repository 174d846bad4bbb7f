"""The settings of a conversation: its dialog, a change by POST, and how its model is asked for places."""

import uuid

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models.preset import MAX_PRESET_NAME_LENGTH
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.change_settings import (
    MAX_SYSTEM_PROMPT_LENGTH,
    ChangedSettings,
    SettingsChange,
    change_settings,
)
from vision_chat.services.conversations.locate import locating
from vision_chat.services.conversations.settings_summary import settings_shown
from vision_chat.services.presentation.sentences import sentence
from vision_chat.services.presentation.settings import groups_of
from vision_chat.services.presets import presets_of
from vision_chat.views.json_bodies import error_response, read_body

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
        presets = await context.on_reader(presets_of)
    except NotFoundError as error:
        raise Http404 from error
    fields = {
        "system_prompt": shown.system_prompt,
        "groups": groups_of(shown.parameters, shown.endpoint),
        "presets": presets,
        "max_preset_name_length": MAX_PRESET_NAME_LENGTH,
        "max_system_prompt_length": MAX_SYSTEM_PROMPT_LENGTH,
    }
    return render(request, "_settings_fields.html", fields)


@never_cache
@login_required
@require_safe
async def locate(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return as JSON how the next model of a conversation is asked where something is."""
    context = await context_of(request)
    try:
        found = await context.on_reader(locating, context.settings, conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return JsonResponse({"question": found.question, "is_documented": found.is_documented})


async def _change(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Change what is valid of a JSON object. Answers with the settings as they are now, and what is wrong."""
    try:
        wanted = read_body(request, _decoder)
        changed = await change_settings(await context_of(request), conversation_id, wanted)
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return JsonResponse(settings_json(changed))


def settings_json(changed: ChangedSettings) -> dict[str, object]:
    """Return the settings as they are now, with a sentence for each that is not changed."""
    summary = changed.summary
    return {
        "model": summary.model,
        "takes_images": summary.takes_images,
        "is_default": summary.is_default,
        "errors": {name: sentence(error, error.params) for name, error in changed.errors.items()},
    }
