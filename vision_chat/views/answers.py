"""Details of an answer, fetched when somebody comes to see them: what was sent, JSON, places, source."""

import re
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import context_of, runtime_of
from vision_chat.services.conversations.answer_places import (
    EXPORTS,
    File,
    answer_places,
    choose_frame,
    choose_picture,
    places_as,
)
from vision_chat.services.conversations.answer_source import answer_source
from vision_chat.services.conversations.json_answer import json_answer, json_as_csv, json_source
from vision_chat.services.conversations.sent_request import sent_requests
from vision_chat.services.database_threads import release_connection
from vision_chat.views.texts import PLAIN

TEXTS = {"json": json_source, "csv": json_as_csv}
"""Formats in which a reply that is JSON can be copied."""


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
        sent = sent_requests(user, message_id)
    except NotFoundError as error:
        raise Http404 from error
    return render(request, "_sent_requests.html", {"requests": sent})


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
@require_http_methods(["GET", "HEAD", "POST"])
async def places_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show the places in pictures that a reply names; with `as=coco`, `as=yolo` or `as=csv` return a file.

    POST keeps a `frame` or a `picture` that the person has chosen, and answers with what is shown then.
    Answers 204 where there are no places.
    """
    user = cast(AbstractBaseUser, await request.auser())
    try:
        if request.method == "POST":
            await _choose(request, message_id)
    except NotFoundError as error:
        raise Http404 from error
    await release_connection()
    return await runtime_of(request).pages.run_for(user.pk, _places_page, request, user, message_id)


async def _choose(request: HttpRequest, message_id: int) -> None:
    context = await context_of(request)
    if (frame := request.POST.get("frame")) is not None:
        await choose_frame(context, message_id, frame)
    if (number := request.POST.get("picture")) is not None:
        is_number = re.fullmatch(r"[0-9]{1,3}", number, re.ASCII)
        await choose_picture(context, message_id, int(number) if is_number else None)


@gzip_page
def _places_page(request: HttpRequest, user: AbstractBaseUser, message_id: int) -> HttpResponse:
    try:
        if (file_format := request.GET.get("as", "")) in EXPORTS:
            return _file_response(places_as(user, message_id, file_format))
        view = answer_places(user, message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204) if view is None else render(request, "_places.html", {"view": view})


def _file_response(file: File | None) -> HttpResponse:
    if file is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=file.content_type, headers=headers)


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
