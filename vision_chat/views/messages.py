"""Commands of a message by POST: show its branch, delete, restore, withdraw it, go on in a new chat."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from vision_chat.errors.turns import NotFoundError, ReplyRunningError
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.conversations.show_message import show_message
from vision_chat.services.conversations.withdraw import withdraw as withdraw_message
from vision_chat.services.presentation.sentences import sentence


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
    """Show the branch with the message, in all tabs."""
    try:
        await show_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def delete(request: HttpRequest, message_id: int) -> HttpResponse:
    """Delete a message with all that follows it, which can be restored for a while."""
    try:
        await delete_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def restore(request: HttpRequest, message_id: int) -> HttpResponse:
    """Undo the deletion of a message."""
    try:
        await restore_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@login_required
@require_POST
async def new_chat(request: HttpRequest, message_id: int) -> HttpResponse:
    """Copy the branch to the message into a new conversation, and answer with its address.

    Answers 409 with a sentence while the message is still written.
    """
    try:
        conversation_id = await new_chat_from(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    except ReplyRunningError as error:
        text = sentence(error, error.params)
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    url = reverse("conversation", args=[conversation_id])
    return JsonResponse({"conversation_id": str(conversation_id), "url": url})
