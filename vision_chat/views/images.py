"""Images over HTTP: upload, download by those who may see them, removal before they are sent."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import close_old_connections
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from vision_chat.errors.images import ImageEmptyError
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.server.runtime import Runtime, runtime_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.files.errors import LOST
from vision_chat.services.files.remote import is_remote
from vision_chat.services.gallery.alike import asked_before
from vision_chat.services.images.tiff_pages import has_several_pages
from vision_chat.services.presentation.images import uploaded_json
from vision_chat.services.reviews.item_access import record_seen
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.copies import Copies, read_copy, with_copies
from vision_chat.services.vision.bundles import Shown, whole_copy
from vision_chat.views.documents import document_json
from vision_chat.views.image_headers import IMAGE_HEADERS, REVALIDATED, kept_by_browsers
from vision_chat.views.uploading import for_person

Source = UploadedImage.Source
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@require_POST
@for_person
async def upload(request: HttpRequest, runtime: Runtime, user: AbstractBaseUser) -> HttpResponse:
    """Normalise and store one image. Answers JSON, errors too.

    A TIFF of several pages is opened as a document instead, and nothing stored: its pages are to be chosen.
    """
    file = request.FILES.get("images")
    if not isinstance(file, TemporaryUploadedFile):
        raise ImageEmptyError
    path, name = Path(file.temporary_file_path()), file.name or ""
    is_capture = request.POST.get("source") == Source.CAPTURE
    async with runtime.uploads.place(user):
        await release_connection()
        if await asyncio.to_thread(has_several_pages, path):
            document = await runtime.documents.open(user.pk, path, storage.display_name(name))
            return JsonResponse({"document": document_json(document)}, status=201)
        image = await runtime.intake(user).take(path, name, Source.CAPTURE if is_capture else Source.UPLOAD)
    place = await sync_to_async(_asked_before)(user, image)
    return JsonResponse(uploaded_json(image) | {"asked_before": place}, status=201)


def _asked_before(user: AbstractBaseUser, image: UploadedImage) -> dict[str, str] | None:
    """Return where the person asked about such an image before, if anywhere."""
    place = asked_before(user, image)
    if place is None:
        return None
    url = f"{reverse('conversation', args=[place.conversation_id])}?message={place.message_id}"
    return {"url": f"{url}#message-{place.message_id}", "title": place.title}


@login_required
@require_safe
def image(request: HttpRequest, image_id: uuid.UUID, variant: str) -> HttpResponse:
    """Serve one file of an image. The right to see it is checked before the ETag: strangers get 404."""
    if variant not in storage.VARIANTS:
        raise Http404
    found = _visible(request, image_id)
    cache = kept_by_browsers(request.user.pk, [found])
    return _file_response(request, getattr(found, variant), f"{image_id.hex}-{variant}", cache)


@login_required
@require_safe
async def image_copy(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Serve the copy that the default model gets of an image; make it where it is not cached."""
    found = await sync_to_async(_visible)(request, image_id)
    await release_connection()
    runtime = runtime_of(request)
    rules = runtime.default_settings.endpoint.rules
    plan = whole_copy(Shown(image_id=found.pk, width=found.width, height=found.height), rules)
    # revalidated, because another default model gets another copy
    cache = await sync_to_async(kept_by_browsers)(request.user.pk, [found], REVALIDATED)
    await release_connection()

    def respond(copies: Copies) -> HttpResponse:
        if not (copy := copies.get(plan)):
            raise ImageGoneError
        tag = f"{image_id.hex}-{copy.recipe}"
        return _response(request, tag, cache, lambda: _with_type(copy.file, read_copy(copy)))

    try:
        return await with_copies([plan], [found], runtime.writer, runtime.images, respond)
    except ImageGoneError as error:
        raise Http404 from error


@login_required
@require_safe
def sent_copy(request: HttpRequest, image_id: uuid.UUID, recipe: str) -> HttpResponse:
    """Serve the copy of an image that was made by this recipe, such as one that a completion records.

    A canvas shows several: who may not see one of them gets none of it.
    """
    found = _visible(request, image_id)
    copy = get_object_or_404(ImageCopy, image=found, recipe=recipe)
    others = list(copy.others.all())
    ids = {other.pk for other in others}
    if UploadedImage.objects.visible_to(request.user).filter(pk__in=ids).count() < len(ids):
        raise Http404
    cache = kept_by_browsers(request.user.pk, [found, *others])
    return _file_response(request, copy.file, f"{image_id.hex}-{recipe}", cache)


def _visible(request: HttpRequest, image_id: uuid.UUID) -> UploadedImage:
    """Return an image that the person may see, recorded where it is not their own. Raises Http404."""
    found = get_object_or_404(UploadedImage.objects.visible_to(request.user), pk=image_id)
    if found.owner_id != request.user.pk:
        try:
            record_seen(cast(User, request.user), found)
        except AuditUnavailableError as error:
            raise Http404 from error
    return found


def _file_response(request: HttpRequest, file: FieldFile, tag: str, cache: str) -> HttpResponse:
    if is_remote():
        close_old_connections()  # nobody waits for it while the file is read
    return _response(request, tag, cache, lambda: _content(file))


def _response(
    request: HttpRequest, tag: str, cache: str, content: Callable[[], HttpResponse]
) -> HttpResponse:
    etag = f'"{tag}"'
    response = get_conditional_response(request, etag=etag)
    if not isinstance(response, HttpResponseNotModified):
        response = content()
    for header, value in (IMAGE_HEADERS | {"ETag": etag, "Cache-Control": cache}).items():
        response.headers[header] = value
    return response


def _content(file: FieldFile) -> HttpResponse:
    try:
        with file.open("rb") as opened:
            return _with_type(file, opened.read())
    except LOST as error:
        raise Http404 from error


def _with_type(file: FieldFile, data: bytes) -> HttpResponse:
    return HttpResponse(data, content_type=CONTENT_TYPES[str(file.name).rpartition(".")[2]])


@login_required
@require_POST
def remove(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Delete an image before it is sent. One that a message shows is kept."""
    found = get_object_or_404(UploadedImage.objects.owned_by(request.user), pk=image_id)
    storage.delete_unused([found])
    return HttpResponse(status=204)
