"""What is fetched about an answer when somebody comes to see it: what was sent, its JSON, its source."""

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
from vision_chat.services.conversations.answer_source import answer_source
from vision_chat.services.conversations.json_answer import json_answer, json_as_csv, json_source
from vision_chat.services.conversations.sent_request import sent_request
from vision_chat.services.database_threads import release_connection
from vision_chat.views.texts import PLAIN

TEXTS = {"json": json_source, "csv": json_as_csv}
"""What a reply that is JSON can be copied as."""


@never_cache
@login_required
@require_safe
async def request_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show what was sent for a reply. People take turns: a long conversation is built again for it."""
    user = cast(AbstractBaseUser, await request.auser())
    await release_connection()
    return await runtime_of(request).pages.run_for(user.pk, _request_page, request, user, message_id)


@gzip_page
def _request_page(request: HttpRequest, user: AbstractBaseUser, message_id: int) -> HttpResponse:
    try:
        view = sent_request(user, message_id)
    except NotFoundError as error:
        raise Http404 from error
    return render(request, "_sent_request.html", {"sent": view})


@never_cache
@login_required
@require_safe
async def json_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show a reply that is JSON as a tree; with `as=json` or `as=csv` return it as that.

    Answers 204 where it is none.
    """
    user = cast(AbstractBaseUser, await request.auser())
    await release_connection()
    return await runtime_of(request).pages.run_for(user.pk, _json_page, request, user, message_id)


@gzip_page
def _json_page(request: HttpRequest, user: AbstractBaseUser, message_id: int) -> HttpResponse:
    try:
        if (as_text := TEXTS.get(request.GET.get("as", ""))) is not None:
            return HttpResponse(as_text(user, message_id) or "", content_type=PLAIN)
        view = json_answer(user, message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204) if view is None else render(request, "_json_answer.html", {"json": view})


@never_cache
@login_required
@require_safe
async def source_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show the source of a reply: its text as it came, and how sure the model was of it."""
    user = cast(AbstractBaseUser, await request.auser())
    await release_connection()
    return await runtime_of(request).pages.run_for(user.pk, _source_page, request, user, message_id)


@gzip_page
def _source_page(request: HttpRequest, user: AbstractBaseUser, message_id: int) -> HttpResponse:
    try:
        source = answer_source(user, message_id)
    except NotFoundError as error:
        raise Http404 from error
    return render(request, "_answer_source.html", {"source": source})
