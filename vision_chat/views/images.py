"""Pictures: taken in, served to those who may see them, given up before they were sent."""

import uuid
from pathlib import Path
from typing import cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.utils import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from vision_chat.errors.base import ChatError
from vision_chat.errors.images import ImageEmptyError, PictureNotStoredError
from vision_chat.models import UploadedImage
from vision_chat.server.runtime import process_of
from vision_chat.services import uploads
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.presentation import transcript
from vision_chat.services.presentation.transcript import ImageView

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
PICTURE_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


@login_required
@require_POST
async def upload(request: HttpRequest) -> HttpResponse:
    """Take one picture, normalise it in its turn, keep it. Answers JSON."""
    user = cast(AbstractBaseUser, await request.auser())
    try:
        image = await _take(request, user)
    except ChatError as error:
        message = transcript.sentence(error, error.params)
        refusal = {"code": error.code, "message": message, "retryable": error.retryable}
        return JsonResponse(refusal, status=400)
    view = ImageView.of(image)
    answer = {
        "id": view.id,
        "name": view.name,
        "width": view.width,
        "height": view.height,
        "thumbnail_url": view.thumbnail_url,
    }
    return JsonResponse(answer, status=201)


async def _take(request: HttpRequest, user: AbstractBaseUser) -> UploadedImage:
    file = request.FILES.get("images")
    if not isinstance(file, TemporaryUploadedFile):
        raise ImageEmptyError
    config = settings.VISION_CHAT
    limits = Limits(max_bytes=config.max_image_bytes, max_megapixels=config.max_image_megapixels)
    here = process_of(request)
    path = Path(file.temporary_file_path())
    processed = await here.pictures.run(process, path, limits, here.endpoint.rules)
    try:
        return await sync_to_async(uploads.store)(user, file.name or "", processed)
    except (OSError, DatabaseError) as error:
        raise PictureNotStoredError(repr(error)) from error


@login_required
@require_safe
def image(request: HttpRequest, image_id: uuid.UUID, variant: str) -> HttpResponse:
    """One file of a picture. Who may not see it learns nothing, not even that it has not changed."""
    if variant not in uploads.VARIANTS:
        raise Http404
    found = get_object_or_404(UploadedImage.objects.visible_to(request.user), pk=image_id)
    etag = f'"{image_id.hex}-{variant}"'
    response = get_conditional_response(request, etag=etag)
    if not isinstance(response, HttpResponseNotModified):
        response = _file_response(found, variant)
    for header, value in (PICTURE_HEADERS | {"ETag": etag}).items():
        response.headers[header] = value
    return response


def _file_response(image: UploadedImage, variant: str) -> HttpResponse:
    file = getattr(image, variant)
    extension = file.name.rpartition(".")[2]
    try:
        with file.open("rb") as opened:
            response = HttpResponse(opened.read(), content_type=CONTENT_TYPES[extension])
    except FileNotFoundError as error:
        raise Http404 from error
    return response


@login_required
@require_POST
def remove(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Give up a picture before it is sent. One that a message shows stays."""
    image = get_object_or_404(UploadedImage.objects.owned_by(request.user), pk=image_id)
    uploads.delete_unused([image])
    return HttpResponse(status=204)
