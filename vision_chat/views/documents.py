"""PDFs and TIFFs whose pages are chosen: taken, shown as previews, and their pages made to pictures.

Errors are JSON.
"""

import re
import uuid
from pathlib import Path
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from vision_chat.errors.documents import DocumentNotReadableError
from vision_chat.models import UploadedImage
from vision_chat.server.runtime import Runtime
from vision_chat.services.database_threads import release_connection
from vision_chat.services.documents.open_documents import MAX_PAGES, Document
from vision_chat.services.presentation.images import uploaded_json
from vision_chat.services.uploads.storage import display_name
from vision_chat.views.image_headers import IMAGE_HEADERS, NOT_KEPT
from vision_chat.views.uploading import for_person

PAGES: Final = re.compile(r"\d{1,4}(,\d{1,4})*")


@require_POST
@for_person
async def open_document(request: HttpRequest, runtime: Runtime, user: AbstractBaseUser) -> HttpResponse:
    """Take a document, and answer with what is known of it. It counts as one upload."""
    file = request.FILES.get("document")
    if not isinstance(file, TemporaryUploadedFile):
        raise DocumentNotReadableError
    path, name = Path(file.temporary_file_path()), display_name(file.name or "")
    async with runtime.uploads.place(user):
        await release_connection()
        document = await runtime.documents.open(user.pk, path, name)
    return JsonResponse(document_json(document), status=201)


@require_POST
@for_person
async def unlock(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID
) -> HttpResponse:
    """Open a PDF by its password."""
    password = request.POST.get("password", "")[:1000]
    return JsonResponse(document_json(await runtime.documents.unlock(user.pk, document_id, password)))


@require_safe
@for_person
async def preview(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID, page: int
) -> HttpResponse:
    """Serve a small picture of a page."""
    await _checked(runtime, user, document_id, [page])
    data = await runtime.documents.preview(user.pk, document_id, page)
    if data is None:
        raise Http404
    headers = IMAGE_HEADERS | {"Cache-Control": NOT_KEPT}
    return HttpResponse(data, content_type="image/webp", headers=headers)


@require_safe
@for_person
async def text(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID
) -> HttpResponse:
    """Answer with the text of the pages that `?pages=1,2` names, headed by their numbers."""
    if not PAGES.fullmatch(request.GET.get("pages", "")):
        raise Http404
    pages = [int(number) for number in request.GET["pages"].split(",")][:MAX_PAGES]
    document = await _checked(runtime, user, document_id, pages)
    texts = await runtime.documents.text(user.pk, document_id, pages)
    parts = [
        f"{page_name(document, page)}:\n\n{words}"
        for page, found in zip(pages, texts, strict=True)
        if (words := "\n".join(line.rstrip() for line in found.splitlines()).strip())
    ]
    return JsonResponse({"text": "\n\n".join(parts), "pages": len(parts)})


@require_POST
@for_person
async def take_page(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID, page: int
) -> HttpResponse:
    """Store a page as a picture, as an upload of it would be. Answers like the upload."""
    document = await _checked(runtime, user, document_id, [page])
    async with runtime.uploads.place(user):
        await release_connection()
        async with runtime.documents.drawn(user.pk, document_id, page) as path:
            image = await runtime.intake(user).take(
                path, page_name(document, page), UploadedImage.Source.PAGE, source_format=document.format
            )
        await runtime.documents.note_taken(user.pk, document_id, image.pk)
    return JsonResponse(uploaded_json(image), status=201)


@require_POST
@for_person
async def give_up(
    request: HttpRequest, runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID
) -> HttpResponse:
    """Delete a document: its pages are chosen."""
    await runtime.documents.give_up(user.pk, document_id)
    return HttpResponse(status=204)


def page_name(document: Document, page: int) -> str:
    """Return the name of a page as a picture."""
    return gettext("%(name)s, page %(page)s") % {"name": document.name[-180:], "page": page}


def document_json(document: Document) -> dict[str, object]:
    """Return what a page shows of a document. `pages` is 0 while it needs a password."""
    return {
        "id": str(document.id),
        "name": document.name,
        "pages": document.pages,
        "has_text": document.has_text,
    }


async def _checked(
    runtime: Runtime, user: AbstractBaseUser, document_id: uuid.UUID, pages: list[int]
) -> Document:
    """Return a document that has these pages. Raises DocumentGoneError and Http404."""
    document = await runtime.documents.find(user.pk, document_id)
    if not all(1 <= page <= document.pages for page in pages):
        raise Http404
    return document
