"""Feedback on answers and reports of conversations, by those whose conversations they are."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vision_chat.errors.base import ChatError
from vision_chat.errors.feedback import TooMuchFeedbackError
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.errors.turns import NotFoundError, ReplyRunningError
from vision_chat.forms import FeedbackForm, ReportForm
from vision_chat.models import Conversation, Feedback, Message
from vision_chat.models.feedback import MAX_COMMENT_LENGTH
from vision_chat.server.runtime import context_of, runtime_of
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.give_feedback import Details, give_feedback
from vision_chat.services.conversations.report import report as report_conversation
from vision_chat.services.presentation.sentences import sentence


@login_required
@require_POST
async def feedback(request: HttpRequest, message_id: int) -> HttpResponse:
    """Mark a reply, or take the mark back. Answers 400, 409 or 429 with a sentence where it is refused."""
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _refusal(form.problem, 400)
    given = form.cleaned_data
    details = None
    if "comment" in request.POST:
        details = Details(given["reasons"], given["comment"], lets_read="lets_read" in request.POST)
    try:
        context = await _limited_context(request)
        await give_feedback(context, message_id, given["mark"], details)
    except NotFoundError as error:
        raise Http404 from error
    except (ReplyRunningError, TooMuchFeedbackError, AuditUnavailableError) as error:
        return _refused(error)
    return HttpResponse(status=204)


@login_required
@require_POST
async def report(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Report a conversation. Answers 400 or 429 with a sentence where that is refused."""
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _refusal(form.problem, 400)
    given = form.cleaned_data
    try:
        context = await _limited_context(request)
        await report_conversation(context, conversation_id, given["reason"], given["comment"])
    except NotFoundError as error:
        raise Http404 from error
    except (TooMuchFeedbackError, AuditUnavailableError) as error:
        return _refused(error)
    return HttpResponse(status=204)


@never_cache
@login_required
@require_safe
def panel(request: HttpRequest, message_id: int) -> HttpResponse:
    """Return the HTML of the panel in which a person says why a reply is bad, with what they said before."""
    person = cast(User, request.user)
    replies = Message.objects.visible_to(person).sent().filter(role=Message.Role.ASSISTANT)
    reply = get_object_or_404(replies, pk=message_id)
    given = Feedback.objects.given_by(person).filter(message=reply).first()
    context = {
        "message_id": str(message_id),
        "reasons": Feedback.Reason.choices,
        "given": given,
        "max_length": MAX_COMMENT_LENGTH,
        "is_sealed": not Conversation.objects.unsealed().filter(pk=reply.conversation_id).exists(),
    }
    return render(request, "_feedback.html", context)


async def _limited_context(request: HttpRequest) -> Context:
    """Return the context of a use-case. Raises TooMuchFeedbackError."""
    limit = runtime_of(request).feedback
    context = await context_of(request)
    if not await limit.allows(context.caller.person_id):
        raise TooMuchFeedbackError(limit=limit.limit)
    return context


def _refused(error: ChatError) -> HttpResponse:
    status = 429 if isinstance(error, TooMuchFeedbackError) else 409
    return _refusal(
        sentence(error, error.params), 503 if isinstance(error, AuditUnavailableError) else status
    )


def _refusal(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
