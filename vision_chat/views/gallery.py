"""A person's own pictures: the page, and what is done there with one of them or with many."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from vision_chat.errors.accounts import ExportRunningError
from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import ImageGoneError, NotFoundError
from vision_chat.forms import PicturesForm
from vision_chat.models import UploadedImage
from vision_chat.server import exports
from vision_chat.server.refusals import refusal
from vision_chat.server.runtime import context_of, runtime_of
from vision_chat.services.accounts import archive
from vision_chat.services.database_threads import release_connection
from vision_chat.services.gallery.alike import alike
from vision_chat.services.gallery.delete import delete_images
from vision_chat.services.gallery.describe import MAX_ALT_TEXT, describe
from vision_chat.services.gallery.find import Position, Wanted, count, find, ids
from vision_chat.services.gallery.places import places_of
from vision_chat.services.gallery.suggest import suggest
from vision_chat.services.presentation.gallery import pictures_by_day
from vision_chat.services.presentation.images import ImageView
from vision_chat.views.json_bodies import error_response

MAX_DELETED = 1_000
"""Pictures that one request deletes at most."""
LOOKED_UP = 500
"""Pictures that are looked for together."""


@never_cache
@login_required
@require_safe
async def pictures(request: HttpRequest) -> HttpResponse:
    """Show a page of pictures: from `before` on, those with the words `q`, or those `like` one.

    People take turns, as at conversations.
    """
    return await _in_turn(request, _pictures)


@never_cache
@login_required
@require_safe
async def count_pictures(request: HttpRequest) -> HttpResponse:
    """Answer with the `count` of all pictures that a page is the beginning of."""
    return await _in_turn(request, _count)


@never_cache
@login_required
@require_safe
async def ids_of_pictures(request: HttpRequest) -> HttpResponse:
    """Answer with the `ids` of all those pictures."""
    return await _in_turn(request, _every_id)


async def _in_turn(
    request: HttpRequest, answered: Callable[[HttpRequest, Wanted], HttpResponse]
) -> HttpResponse:
    request.user = cast(User, await request.auser())
    await release_connection()
    form = PicturesForm(request.GET)
    if not form.is_valid():
        raise Http404
    before = _position(form.cleaned_data["before"])
    wanted = Wanted(words=form.cleaned_data["q"], like=form.cleaned_data["like"], before=before)
    return await runtime_of(request).pages.run_for(request.user.pk, answered, request, wanted)


def _count(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    return JsonResponse({"count": count(cast(User, request.user), wanted)})


@gzip_page
def _every_id(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    return JsonResponse({"ids": ids(cast(User, request.user), wanted)})


@gzip_page
def _pictures(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    found = find(cast(User, request.user), wanted)
    context = {
        "days": pictures_by_day(found.images, found.alike),
        "words": wanted.words,
        "like": wanted.like,
        "older": _older(wanted, found.next) if found.next else "",
        "is_first": wanted.before is None,
    }
    return render(request, "pictures.html", context)


def _older(wanted: Wanted, following: Position) -> str:
    fields = {
        "q": wanted.words,
        "like": str(wanted.like or ""),
        "before": f"{following.created_at.isoformat()}_{following.image_id.hex}",
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{reverse('pictures')}?{query}"


def _position(text: str) -> Position | None:
    if not text:
        return None
    moment, _, image_id = text.partition("_")
    try:
        return Position(datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(image_id))
    except (ValueError, OverflowError) as error:
        raise Http404 from error


@gzip_page
@never_cache
@login_required
@require_safe
def picture(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of all that is known of one's own picture: where it is, what it looks like."""
    user = cast(User, request.user)
    found = get_object_or_404(UploadedImage.objects.owned_by(user), pk=image_id)
    context = {
        "image": ImageView.of(found),
        "uploaded_at": found.created_at,
        "places": places_of(user, [found.pk]),
        "alike": [ImageView.of(other) for other in alike(user, found)],
        "max_alt_text": MAX_ALT_TEXT,
    }
    return render(request, "_picture_details.html", context)


@login_required
@require_POST
async def describe_picture(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Keep the alternative text `text` of a picture, and answer with it as it is kept."""
    try:
        kept = await describe(await context_of(request), image_id, request.POST.get("text", ""))
    except ImageGoneError as error:
        raise Http404 from error
    return JsonResponse({"text": kept})


@login_required
@require_POST
async def suggest_description(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Answer with a model's suggestion for the alternative text of a picture, or 400 with a sentence."""
    try:
        text = await suggest(await context_of(request), image_id, _conversation_id(request))
    except (ImageGoneError, NotFoundError) as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return JsonResponse({"text": text})


def _conversation_id(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST["conversation"])
    except (KeyError, ValueError):
        return None


@login_required
@require_POST
async def delete_pictures(request: HttpRequest) -> HttpResponse:
    """Delete one's own pictures, for good. Answers 404 where none of them is there."""
    chosen = _ids(request.POST.get("ids", ""))[:MAX_DELETED]
    if not await delete_images(await context_of(request), chosen):
        raise Http404
    return HttpResponse(status=204)


def _ids(text: str) -> list[uuid.UUID]:
    """Return ids that have commas between them."""
    try:
        return [uuid.UUID(one) for one in text.split(",")]
    except ValueError as error:
        raise Http404 from error


@never_cache
@login_required
@require_POST
async def download_pictures(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send one's own pictures, whose ids are `ids`, as a ZIP; one download at a time, as exports are.

    The field may be a file, because that may have as many ids as somebody has pictures.
    """
    person = cast(User, await request.auser())
    await release_connection()
    chosen = _ids(_text_of_ids(request))
    runtime = runtime_of(request)
    if not await runtime.readers.run(_has_one_of, person, chosen):
        raise Http404
    try:
        runtime.exports.enter(person.pk)
    except ExportRunningError as error:
        return refusal(error, request.headers.get("Accept", ""))
    name = f"pictures {timezone.localdate()}.zip"
    return StreamingHttpResponse(
        exports.stream(person, runtime.export_threads, archive.pieces_of_images(person, chosen)),
        content_type="application/zip",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


def _text_of_ids(request: HttpRequest) -> str:
    file = request.FILES.get("ids")
    return request.POST.get("ids", "") if file is None else file.read().decode(errors="replace")


def _has_one_of(person: User, image_ids: Sequence[uuid.UUID]) -> bool:
    own = UploadedImage.objects.owned_by(person)
    batches = (image_ids[start : start + LOOKED_UP] for start in range(0, len(image_ids), LOOKED_UP))
    return any(own.filter(pk__in=batch).exists() for batch in batches)
