"""The language models of a conversation: what its top bar says of the next message, and what may be chosen."""

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation
from vision_chat.server.runtime import runtime_of
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.presentation.next_model import models_to_choose, next_model


@gzip_page
@never_cache
@login_required
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Return the HTML of the models that the person may choose for a conversation, or for a new one."""
    try:
        conversation = _conversation(request, uuid.UUID(request.GET.get("conversation", "")))
    except ValueError as error:
        raise Http404 from error
    environment = runtime_of(request).default_settings.endpoint
    groups = models_to_choose(cast(User, request.user), conversation, environment)
    return render(request, "_models.html", {"groups": groups})


@gzip_page
@never_cache
@login_required
@require_safe
def topbar(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of the top bar with its notice, which a page asks for when settings have changed."""
    conversation = _conversation(request, conversation_id)
    context = {"conversation": conversation, **topbar_context(request, conversation)}
    return render(request, "_topbar_parts.html", context)


def topbar_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the top bar of a conversation shows, beside its title."""
    runtime, person = runtime_of(request), cast(User, request.user)
    may_change = person.is_staff and person.has_perm("vision_chat.change_languagemodel")
    view = next_model(
        person,
        conversation,
        runtime.default_settings.endpoint,
        runtime.catalogue.status_of,
        may_change=may_change,
    )
    return {"next_model": view}


def _conversation(request: HttpRequest, conversation_id: uuid.UUID) -> Conversation:
    try:
        return conversation_of(cast(User, request.user), conversation_id)
    except NotFoundError as error:
        raise Http404 from error
