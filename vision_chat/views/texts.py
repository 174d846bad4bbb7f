"""Texts that a person copies of a conversation: Markdown, as plain text."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.server.runtime import runtime_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.conversation_markdown import conversation_markdown
from vision_chat.services.presentation.messages import copied_text

PLAIN = "text/plain; charset=utf-8"


@never_cache
@login_required
@require_safe
def message_text(request: HttpRequest, message_id: int) -> HttpResponse:
    """Return the Markdown of a message; of a reply its answer, without thoughts."""
    messages = Message.objects.visible_to(request.user).sent().prefetch_related("generations")
    message = get_object_or_404(messages, pk=message_id)
    written = runtime_of(request).written_among([message])(message.pk)
    return HttpResponse(copied_text(message, written), content_type=PLAIN)


@never_cache
@login_required
@require_safe
async def conversation_text(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the shown branch of a conversation as Markdown. People take turns, as at its page."""
    person = cast(User, await request.auser())
    await release_connection()
    return await runtime_of(request).pages.run_for(
        person.pk, _conversation_text, request, person, conversation_id
    )


@gzip_page
def _conversation_text(request: HttpRequest, person: User, conversation_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(person), pk=conversation_id)
    path = list(Message.objects.branch_to(found.leaf_id).with_details())

    def address_of(image: UploadedImage) -> str:
        return request.build_absolute_uri(reverse("image", args=[image.pk, "original"]))

    written = runtime_of(request).written_among(path)
    text = conversation_markdown(found, path, person.get_username(), address_of, written)
    return HttpResponse(text, content_type=PLAIN)
