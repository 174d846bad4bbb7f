"""Commands of a conversation by POST: rename, delete, restore, show another branch, withdraw a message."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from vision_chat.errors.turns import NotFoundError, OtherBranchRunningError
from vision_chat.forms import TitleForm
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations import delete as deletion
from vision_chat.services.conversations.rename import rename as rename_conversation
from vision_chat.services.conversations.show_message import show_message
from vision_chat.services.conversations.withdraw import withdraw as withdraw_message
from vision_chat.services.presentation.sentences import sentence


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


@login_required
@require_POST
async def withdraw(request: HttpRequest, message_id: int) -> HttpResponse:
    """Withdraw a waiting message."""
    try:
        await withdraw_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def show(request: HttpRequest, message_id: int) -> HttpResponse:
    """Make a branch with the message current. Answers 409 with a sentence while a reply runs on another."""
    try:
        await show_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    except OtherBranchRunningError as error:
        text = sentence(error, error.params)
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)
