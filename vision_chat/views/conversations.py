"""Commands of a conversation by POST: rename, delete, restore."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from vision_chat.errors.turns import NotFoundError
from vision_chat.forms import TitleForm
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations import delete as deletion
from vision_chat.services.conversations.rename import rename as rename_conversation


@login_required
@require_POST
async def rename(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Rename a conversation. Answers 400 with a sentence where the title is not valid."""
    form = TitleForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors["title"][0], status=400, content_type="text/plain; charset=utf-8")
    try:
        await rename_conversation(await context_of(request), conversation_id, form.cleaned_data["title"])
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def delete(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Delete a conversation, which can be restored for a while."""
    try:
        await deletion.delete(await context_of(request), conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def restore(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Undo the deletion of a conversation. Answers with the HTML of its item of the list."""
    try:
        updated = await deletion.restore(await context_of(request), conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(updated.html)
