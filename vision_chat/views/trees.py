"""The tree of a conversation: all its branches."""

import uuid
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import runtime_of
from vision_chat.services.conversations.outline import outline
from vision_chat.services.database_threads import release_connection


@never_cache
@login_required
@require_safe
async def tree(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of all messages, a line each. People take turns, as at the page of the conversation."""
    user = cast(AbstractBaseUser, await request.auser())
    await release_connection()
    return await runtime_of(request).pages.run_for(user.pk, _tree, request, user, conversation_id)


@gzip_page
def _tree(request: HttpRequest, user: AbstractBaseUser, conversation_id: uuid.UUID) -> HttpResponse:
    try:
        found = outline(user, conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    return render(request, "_tree.html", {"outline": found})
