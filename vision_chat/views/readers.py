"""Who may read a person's own conversations, where the site seals them: shown, allowed, refused and ended."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.errors.turns import NotFoundError
from vision_chat.server.refusals import refusal
from vision_chat.services.reviews import consents

NOTICES: Final[Mapping[str, Any]] = {
    "allow": _("You have allowed it. The time to read has begun."),
    "refuse": _("You have refused it."),
    "give": _("Reviewers may read this conversation."),
    "take-back": _("Nobody else reads this conversation any more."),
}
"""What is said of each answer."""
ABOUT_REQUESTS: Final[Mapping[str, Callable[[User, int], uuid.UUID]]] = {
    "allow": consents.allow,
    "refuse": consents.refuse,
}
ABOUT_CONVERSATIONS: Final[Mapping[str, Callable[[User, uuid.UUID], None]]] = {
    "give": consents.give,
    "take-back": consents.take_back,
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def readers(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of who may read a conversation; POST does what its buttons say."""
    owner = cast(User, request.user)
    if not consents.are_needed():
        raise Http404
    try:
        if request.method == "POST":
            take_answer(request)
        view = consents.openness_of(owner, conversation_id)
    except NotFoundError as error:
        raise Http404 from error
    except AuditUnavailableError as error:
        return refusal(error, request.headers.get("Accept", ""))
    return render(request, "_readers.html", {"view": view})


def take_answer(request: HttpRequest) -> str:
    """Do what a button says about a request or a conversation. Returns which one it was.

    Raises NotFoundError where that is not there any more, and AuditUnavailableError.
    """
    if not consents.are_needed():
        raise NotFoundError
    owner, data = cast(User, request.user), request.POST
    answer = data.get("answer", "")
    try:
        if answer in ABOUT_REQUESTS:
            conversation_id = ABOUT_REQUESTS[answer](owner, int(data.get("request", "")))
        else:
            conversation_id = uuid.UUID(data.get("conversation", ""))
            ABOUT_CONVERSATIONS[answer](owner, conversation_id)
    except (KeyError, ValueError, OverflowError) as error:
        raise NotFoundError from error
    async_to_sync(consents.tell_owner)(owner.pk, conversation_id)
    return answer
