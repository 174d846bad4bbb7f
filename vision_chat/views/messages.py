"""Commands of a message by POST: show its branch, delete, restore, withdraw it, go on in a new chat."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST

from vision_chat.errors.turns import NotFoundError, ReplyRunningError, TooManyCopiesError
from vision_chat.models import Conversation, Message
from vision_chat.server.runtime import context_of, runtime_of
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.conversations.read import Gap, read_end
from vision_chat.services.conversations.show_message import show_message
from vision_chat.services.conversations.withdraw import withdraw as withdraw_message
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.sentences import sentence
from vision_chat.views.chat import views_of_passage


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
    """Show the branch with the message, in all tabs. Answers with its thread from the message on."""
    try:
        await show_message(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    request.user = cast(User, await request.auser())
    await release_connection()
    pages = runtime_of(request).pages
    return await pages.run_for(request.user.pk, _thread_from, request, message_id)


@gzip_page
def _thread_from(request: HttpRequest, message_id: int) -> HttpResponse:
    """Return the HTML of the shown branch from a message on, "" where that is another one by now."""
    visible = Conversation.objects.visible_to(request.user)
    conversation = get_object_or_404(visible, messages__pk=message_id)
    passage = read_end(conversation, message_id)
    is_sought = [not isinstance(one, Gap) and one.pk == message_id for one in passage]
    if not any(is_sought):
        return HttpResponse("")
    rest = [*passage[is_sought.index(True) :], *Message.objects.waiting_for(conversation.leaf_id)]
    return render(
        request, "_thread.html", {"conversation": conversation, "messages": views_of_passage(request, rest)}
    )


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

    Answers 409 with a sentence while the message is still written, 429 after too many copies in a minute.
    """
    try:
        conversation_id = await new_chat_from(await context_of(request), message_id)
    except NotFoundError as error:
        raise Http404 from error
    except (ReplyRunningError, TooManyCopiesError) as error:
        text = sentence(error, error.params)
        status = 429 if isinstance(error, TooManyCopiesError) else 409
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    url = reverse("conversation", args=[conversation_id])
    return JsonResponse({"conversation_id": str(conversation_id), "url": url})
