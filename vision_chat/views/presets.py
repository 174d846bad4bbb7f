"""Presets: the list of those that a person may use, their use, and what is changed of one's own."""

import uuid
from dataclasses import asdict

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Preset
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.conversations.use_preset import use_preset
from vision_chat.services.presets import delete_preset, presets_of, rename_preset, save_preset
from vision_chat.views.json_bodies import error_response, read_body
from vision_chat.views.settings import settings_json


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name for the settings of a conversation."""

    conversation_id: uuid.UUID
    name: str
    overwrites: bool = False


class _Renamed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name."""

    name: str


class _Used(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A conversation, and what its variables stand for."""

    conversation_id: uuid.UUID
    variables: dict[str, str] = {}


_saved = msgspec.json.Decoder(_Saved)
_renamed = msgspec.json.Decoder(_Renamed)
_used = msgspec.json.Decoder(_Used)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def presets(request: HttpRequest) -> HttpResponse:
    """Return the presets as JSON, or save the settings of a conversation as one."""
    context = await context_of(request)
    if request.method != "POST":
        found = await context.on_reader(presets_of)
        return JsonResponse({"presets": [asdict(preset) for preset in found]})
    try:
        preset = await context.on_writer(_save, read_body(request, _saved))
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return JsonResponse({"id": preset.pk, "name": preset.name}, status=201)


def _save(user: AbstractBaseUser, wanted: _Saved) -> Preset:
    conversation = conversation_of(user, wanted.conversation_id)
    return save_preset(user, conversation, wanted.name, overwrites=wanted.overwrites)


@login_required
@require_POST
async def rename(request: HttpRequest, preset_id: int) -> HttpResponse:
    """Rename one's own preset."""
    context = await context_of(request)
    try:
        await context.on_writer(rename_preset, preset_id, read_body(request, _renamed).name)
    except ChatError as error:
        return error_response(error)
    return HttpResponse(status=204)


@login_required
@require_POST
async def delete(request: HttpRequest, preset_id: int) -> HttpResponse:
    """Delete one's own preset."""
    context = await context_of(request)
    try:
        await context.on_writer(delete_preset, preset_id)
    except ChatError as error:
        return error_response(error)
    return HttpResponse(status=204)


@login_required
@require_POST
async def use(request: HttpRequest, preset_id: int) -> HttpResponse:
    """Give a conversation the settings of a preset. Answers as a change of settings does."""
    context = await context_of(request)
    try:
        wanted = read_body(request, _used)
        changed = await use_preset(context, wanted.conversation_id, preset_id, wanted.variables)
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return JsonResponse(settings_json(changed))
