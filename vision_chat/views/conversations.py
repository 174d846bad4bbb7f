"""Changes to a conversation that its owner makes in the sidebar."""

import uuid
from functools import partial

from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationRemoved, Event
from vision_chat.forms import TitleForm
from vision_chat.models import Conversation, Generation
from vision_chat.server.runtime import process_of
from vision_chat.services import relay
from vision_chat.services.conversations import deletion, watching


@login_required
@require_POST
def rename(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=conversation_id)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors["title"][0], status=400, content_type="text/plain; charset=utf-8")
    conversation.title = form.cleaned_data["title"]
    conversation.save(update_fields=["title"])
    _tell(request, watching.updated(conversation))
    return HttpResponse(status=204)


@login_required
@require_POST
def delete(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    try:
        deletion.hide(_user(request), conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    running = Generation.objects.running().filter(message__conversation=conversation_id)
    for message_id in running.values_list("message_id", flat=True):
        process_of(request).stop(message_id)
    _tell(request, ConversationRemoved(conversation_id=str(conversation_id)))
    return HttpResponse(status=204)


@login_required
@require_POST
def restore(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    try:
        conversation = deletion.restore(_user(request), conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    _tell(request, watching.updated(conversation))
    return HttpResponse(status=204)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "login_required stands before"
    return request.user


def _tell(request: HttpRequest, event: Event) -> None:
    """Tell every tab of the person."""
    publish = partial(relay.publish, relay.user_group(_user(request).pk), event)
    async_to_sync(publish)()
