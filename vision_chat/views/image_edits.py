"""Edits of an image over HTTP, by its owner; also redaction in earlier messages."""

import uuid

import msgspec
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from vision_chat.errors.images import ImageEditError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import UploadedImage
from vision_chat.server.runtime import Runtime, context_of
from vision_chat.server.security import CLEAR_CACHE
from vision_chat.services.conversations.replace_unredacted import replace_unredacted
from vision_chat.services.database_threads import release_connection
from vision_chat.services.images.edits import Edit
from vision_chat.services.images.limits import Limits
from vision_chat.services.presentation.images import uploaded_json
from vision_chat.services.uploads.edits import edit_image
from vision_chat.services.uploads.forgetting import is_shown_unredacted
from vision_chat.views.uploading import for_person

MAX_BYTES = 200_000
"""Of an edit as JSON; the largest that is allowed has about 80,000."""

_decoder = msgspec.json.Decoder(Edit)


@require_POST
@for_person
async def edit(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, image_id: uuid.UUID
) -> HttpResponse:
    """Make an edited image of this one. Answers JSON as an upload does, errors too."""
    found = await sync_to_async(get_object_or_404)(UploadedImage.objects.owned_by(user), pk=image_id)
    rules, limits = runtime.default_settings.endpoint.rules, Limits.of(settings.VISION_CHAT)
    wanted = _read(request)
    async with runtime.uploads.place(user):
        await release_connection()
        image = await edit_image(found, wanted, runtime.images, limits, rules)
    return JsonResponse(await sync_to_async(_answer)(image), status=201)


def _read(request: HttpRequest) -> Edit:
    """Return the edit of the body. Raises ImageEditError: the page sends none that cannot be read."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        raise ImageEditError
    try:
        return _decoder.decode(request.body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ImageEditError(f"{error}"[:300]) from error


def _answer(image: UploadedImage) -> dict[str, object]:
    return uploaded_json(image) | {"is_shown_unredacted": is_shown_unredacted(image)}


@login_required
@require_http_methods(["GET"])
def marks(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Return what was drawn on an image, as JSON, so that a further edit keeps it."""
    found = get_object_or_404(UploadedImage.objects.owned_by(request.user), pk=image_id)
    return JsonResponse({"marks": found.edit.get("marks", [])})


@login_required
@require_POST
async def replace(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    """Show a redacted image in earlier messages too, in the place of what it was made from.

    What a message showed may be in the browser's cache, which is emptied.
    """
    try:
        await replace_unredacted(await context_of(request), image_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204, headers={"Clear-Site-Data": CLEAR_CACHE})
